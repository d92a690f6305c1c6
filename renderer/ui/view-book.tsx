/** Which view shows which collection, handed down by the shell, so that no noun's screens import another noun's. */
import { type ReactNode, createContext, use } from 'react';
import type { AnyDocument } from '../../domain/entity/entity.ts';
import { type Face, type View, isOfFace } from './view.ts';

export interface FacedView {
  readonly view: View;
  readonly face: Face;
}

export class ViewBook {
  readonly #byFace = new Map<string, FacedView>();
  readonly #byCollection = new Map<string, View>();

  constructor(views: readonly View[]) {
    for (const view of views) {
      this.#byCollection.set(view.noun.entity.collection, view);
      for (const face of view.faces) {
        if (this.#byFace.has(face.key)) throw new Error(`two faces are called ${face.key}`);
        this.#byFace.set(face.key, { view, face });
      }
    }
  }

  face(key: string): FacedView | undefined {
    return this.#byFace.get(key);
  }

  view(collection: string): View | undefined {
    return this.#byCollection.get(collection);
  }

  get faces(): readonly FacedView[] {
    return [...this.#byFace.values()];
  }

  /** The first face a document belongs to; where a search hit or a reference leads. */
  faceOf(collection: string, document: Readonly<Record<string, unknown>> | AnyDocument): FacedView | undefined {
    const view = this.view(collection);
    if (!view) return undefined;
    const face = view.faces.find((candidate) => isOfFace(candidate, document)) ?? view.faces[0];
    return face ? { view, face } : undefined;
  }
}

const Context = createContext<ViewBook | undefined>(undefined);

export function ViewBookProvider({ book, children }: { readonly book: ViewBook; readonly children: ReactNode }) {
  return <Context value={book}>{children}</Context>;
}

export function useViewBook(): ViewBook {
  const book = use(Context);
  if (!book) throw new Error('useViewBook needs the ViewBookProvider of the shell');
  return book;
}
