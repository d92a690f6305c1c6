/**
 * What the domain says about the draft while it is typed: problems by field path and the derived document (totals). A tiny
 * store beside react-hook-form, so that a keystroke repaints only the controls whose facts changed.
 */
import { createContext, use, useCallback, useSyncExternalStore } from 'react';
import type { AnyDocument } from '../../domain/entity/entity.ts';
import type { Problem } from '../../domain/entity/problem.ts';

export class FormFacts {
  #problems: readonly Problem[] = [];
  #byField = new Map<string, Problem>();
  #derived: AnyDocument | undefined;
  #touched = new Set<string>();
  #loud: boolean;
  readonly #listeners = new Set<() => void>();

  /** `loud`: every problem shows at once. */
  constructor(loud = false) {
    this.#loud = loud;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  get problems(): readonly Problem[] {
    return this.#problems;
  }

  get derived(): AnyDocument | undefined {
    return this.#derived;
  }

  /** From the first attempt to save on, every problem shows; before that only those of fields the user has left. */
  get loud(): boolean {
    return this.#loud;
  }

  set(problems: readonly Problem[], derived: AnyDocument | undefined): void {
    this.#problems = problems;
    this.#byField = new Map(problems.toReversed().map((problem) => [problem.field, problem]));
    this.#derived = derived;
    this.#tell();
  }

  touch(path: string): void {
    if (this.#touched.has(path)) return;
    this.#touched.add(path);
    this.#tell();
  }

  speakUp(): void {
    if (this.#loud) return;
    this.#loud = true;
    this.#tell();
  }

  calmDown(): void {
    this.#loud = false;
    this.#touched.clear();
    this.#tell();
  }

  /** The problem to show at a field, if it is time to show it. */
  problemAt(path: string): Problem | undefined {
    const problem = this.#byField.get(path);
    if (!problem || this.#loud) return problem;
    return this.#touched.has(path) && problem.code !== 'required' ? problem : undefined;
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

export const FormFactsContext = createContext<FormFacts | undefined>(undefined);

export function useFormFacts(): FormFacts {
  const facts = use(FormFactsContext);
  if (!facts) throw new Error('a control needs the form around it');
  return facts;
}

export function useProblemAt(path: string): Problem | undefined {
  const facts = useFormFacts();
  return useSyncExternalStore(
    facts.subscribe,
    useCallback(() => facts.problemAt(path), [facts, path]),
  );
}

export function useDerived(): AnyDocument | undefined {
  const facts = useFormFacts();
  return useSyncExternalStore(
    facts.subscribe,
    useCallback(() => facts.derived, [facts]),
  );
}

export function useProblems(): readonly Problem[] {
  const facts = useFormFacts();
  return useSyncExternalStore(
    facts.subscribe,
    useCallback(() => facts.problems, [facts]),
  );
}
