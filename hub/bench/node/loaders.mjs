// Loaders written by hand: what is asked within one turn of the event loop goes into one statement.
//
// Mercurius has loaders of its own, which know a row by its whole JSON text, cached or not: writing that text for every
// row took about a quarter of the processor time of the wide page. These go by the id.

class Batch {
  #load;
  #wanted = null;

  // `load`: from a list of keys to a function that has the value of each.
  constructor(load) {
    this.#load = load;
  }

  of(key) {
    if (this.#wanted === null) {
      this.#wanted = new Map();
      process.nextTick(() => this.#ask());
    }
    let one = this.#wanted.get(key);
    if (one === undefined) this.#wanted.set(key, (one = Promise.withResolvers()));
    return one.promise;
  }

  async #ask() {
    const wanted = this.#wanted;
    this.#wanted = null;
    try {
      const value = await this.#load([...wanted.keys()]);
      for (const [key, { resolve }] of wanted) resolve(value(key));
    } catch (error) {
      for (const { reject } of wanted.values()) reject(error);
    }
  }
}

// One row each, by its id; null where there is none, and where nothing is referred to.
export function one(load) {
  const batch = new Batch(async (ids) => {
    const rows = new Map((await load(ids)).map((row) => [row.id, row]));
    return (id) => rows.get(id) ?? null;
  });
  return (id) => (id === null ? null : batch.of(id));
}

// All rows of each owner, in the order in which they come; `owner` is the column that names it.
export function many(owner, load) {
  const batch = new Batch(async (ids) => {
    const rows = new Map(ids.map((id) => [id, []]));
    for (const row of await load(ids)) rows.get(row[owner]).push(row);
    return (id) => rows.get(id);
  });
  return (id) => batch.of(id);
}
