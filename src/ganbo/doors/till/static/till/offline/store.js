// What the till keeps in this browser: "kept" holds the snapshot and the key that seals, "queue" what is to be sent.
const HOME = location.pathname.match(/^.*?\/till\//)[0]; // one till of one business: /till/ or /b/<business>/till/

function opened() {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(`ganbo ${HOME}`, 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("kept");
      asked.result.createObjectStore("queue", { keyPath: "n", autoIncrement: true }).createIndex("id", "id", { unique: true });
    };
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

/** One transaction over `stores`: `work` gets a function from a store's name to the store; its requests' last result. */
async function within(stores, mode, work) {
  const db = await opened();
  try {
    return await new Promise((resolve, reject) => {
      const deed = db.transaction(stores, mode, { durability: "strict" });
      const asked = work((name) => deed.objectStore(name));
      deed.oncomplete = () => resolve(asked?.result);
      deed.onerror = deed.onabort = () => reject(deed.error);
    });
  } finally {
    db.close();
  }
}

export const read = (key) => within(["kept"], "readonly", (store) => store("kept").get(key));
export const write = (key, value) => within(["kept"], "readwrite", (store) => store("kept").put(value, key));
export const wipe = (key) => within(["kept"], "readwrite", (store) => store("kept").delete(key));
export const queued = () => within(["queue"], "readonly", (store) => store("queue").getAll());

/** Take an entry out of the queue, and let the snapshot be `kept` from then on: both or neither. */
export const drop = (n, kept) => within(["kept", "queue"], "readwrite", (store) => {
  if (kept) store("kept").put(kept, "all");
  return store("queue").delete(n);
});

/** Put an entry into the queue, and with it what the snapshot then says: both or neither. The same id a second time: neither. */
export async function enqueue(entry, kept) {
  try {
    await within(["kept", "queue"], "readwrite", (store) => {
      if (kept) store("kept").put(kept, "all");
      return store("queue").add(entry);
    });
    return true;
  } catch (error) {
    if (error?.name === "ConstraintError") return false;
    throw error;
  }
}
