/** A document as RxDB hands it to a storage, as far as this engine looks into it. */
export interface StoredDoc {
  readonly _deleted: boolean;
  readonly _rev: string;
  readonly _meta: { readonly lwt: number };
  readonly [field: string]: unknown;
}

/** Reads a dotted path; undefined where there is nothing. */
export function pathReader(path: string): (document: StoredDoc) => unknown {
  const parts = path.split('.');
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return (document) => document[only];
  return (document) => {
    let at: unknown = document;
    for (const part of parts) {
      if (typeof at !== 'object' || at === null) return undefined;
      at = (at as Readonly<Record<string, unknown>>)[part];
    }
    return at;
  };
}
