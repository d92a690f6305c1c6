/**
 * A model of renderer/data/series.ts and renderer/sync/series-leases.ts: the blocks of numbers that a device holds. Blocks are
 * small, so that they run out within a short history and records are saved whose number follows.
 */
import type { Lease, LeaseAnswer, LeaseBody } from '../../domain/protocol/protocol.ts';
import { type CollectedSeries, numberText } from '../../domain/record/series.ts';
import type { Kernel, Owner } from './kernel.ts';
import { Unreachable } from './network.ts';
import type { Answer } from './sim-server.ts';

/** What a device keeps of its numbers over restarts, by series and first number. */
export type NumberDisk = Map<string, Lease>;

/** How many numbers of a series a device likes to have. The desk's own is ten. */
export const STOCK = 3;
const AGAIN_MS = 60_000;

const leftIn = ({ next, last }: Lease): number => Math.max(0, last - next + 1);

export interface NumberParts {
  readonly kernel: Kernel;
  readonly owner: Owner;
  readonly disk: NumberDisk;
  readonly series: readonly CollectedSeries[];
  readonly isOnline: () => boolean;
  readonly request: (method: 'POST', path: string, body: LeaseBody) => Promise<Answer>;
}

/** The numbers of one life of a device. */
export class Numbers {
  readonly #parts: NumberParts;
  #running = false;
  #again = false;

  constructor(parts: NumberParts) {
    this.#parts = parts;
  }

  /** The next number of the series, gone from the disk before anybody sees it; undefined when no block is left. */
  async take(key: string): Promise<string | undefined> {
    const { kernel, owner, disk } = this.#parts;
    await kernel.turn(owner, `${owner.name} takes a number of ${key}`);
    const own = [...disk.values()].filter((lease) => lease.series === key && leftIn(lease) > 0).sort((a, b) => a.first - b.first);
    const [lease] = own;
    if (!lease) return undefined;
    disk.set(`${key} ${lease.first}`, { ...lease, next: lease.next + 1 });
    this.renew();
    return numberText(lease, lease.next);
  }

  #wanted(): LeaseBody['wanted'] {
    return this.#parts.series.flatMap(({ key }) => {
      const left = [...this.#parts.disk.values()].filter(({ series }) => series === key).reduce((sum, one) => sum + leftIn(one), 0);
      return left * 2 < STOCK ? [{ series: key, size: STOCK - left }] : [];
    });
  }

  /** Asks for what is missing; whatever is wished for meanwhile is asked for afterwards. */
  renew(): void {
    this.#again = true;
    if (this.#running) return;
    this.#running = true;
    void this.#run()
      .catch(this.#parts.kernel.fail.bind(this.#parts.kernel))
      .finally(() => {
        this.#running = false;
      });
  }
  async #run(): Promise<void> {
    const { kernel, owner, isOnline } = this.#parts;
    while (this.#again) {
      this.#again = false;
      if (!isOnline() || this.#wanted().length === 0) return;
      try {
        await this.#ask();
      } catch (error) {
        if (!(error instanceof Unreachable)) throw error;
      }
    }
    if (this.#wanted().length > 0) kernel.after(AGAIN_MS, () => this.renew(), owner);
  }
  async #ask(): Promise<void> {
    const { kernel, owner, disk, request } = this.#parts;
    const holding = [...disk.values()].map(({ series, first, next }) => ({ series, first, next }));
    const { status, body } = await request('POST', '/series/leases', { holding, wanted: this.#wanted() });
    if (status === 503) return;
    if (status !== 200) throw new Error(`a device that asked for numbers was answered ${status}: ${JSON.stringify(body)}`);
    await kernel.turn(owner, `${owner.name} keeps its numbers`);
    for (const lease of (body as LeaseAnswer).leases) {
      const key = `${lease.series} ${lease.first}`;
      disk.set(key, { ...lease, next: Math.max(lease.next, disk.get(key)?.next ?? 0) });
    }
  }
}
