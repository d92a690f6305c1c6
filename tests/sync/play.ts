/** Plays a plan: opens the company, lets people and fate do what the plan says, and asks the checker at every quiet point. */
import type { Noun } from '../../domain/record/noun.ts';
import type { Database } from '../../sync-server/db/database.ts';
import { beginEpoch } from '../../sync-server/db/epochs.ts';
import { type CollectedSeries, listSeries } from '../../domain/record/series.ts';
import { Papers, claims } from './check-numbers.ts';
import { check, keyOf } from './checker.ts';
import { type Commit, Device } from './device.ts';
import { makeDice } from './dice.ts';
import { someBadBatch, someEdit, someImport } from './drafts.ts';
import type { Evidence, Violation } from './evidence.ts';
import { Kernel } from './kernel.ts';
import { CALM, Network, type Sender } from './network.ts';
import { type Deed, type Plan, casts } from './plan.ts';
import { SharedDatabase } from './sim-database.ts';
import type { Ports, SimServer } from './sim-server.ts';
import { mayRead, type Rights } from '../../domain/access/rights.ts';
import { isWithdrawn } from '../../domain/access/withdrawn.ts';
import type { WireDocument } from '../../domain/protocol/protocol.ts';
import { DESKS, type SimUser, rightsOfUser, simRoles, simUser } from './sim-users.ts';
import type { CompanyDatabase, StoredState } from './stored-state.ts';

/** What all histories are played on: one Postgres, two servers, made once. */
export interface Stage {
  readonly nouns: readonly Noun[];
  readonly monitor: Database;
  readonly company: CompanyDatabase;
  readonly servers: readonly SimServer[];
}
export interface PlayOptions {
  readonly ports?: Ports;
  readonly trace?: boolean;
  /** Only these rules are of interest; all of them unless named. */
  readonly rules?: readonly string[];
}
export interface Outcome {
  readonly violations: readonly Violation[];
  readonly fingerprint: string;
  readonly steps: number;
  readonly commits: number;
  readonly trace: readonly string[];
}

/** A history of 200 events needs a few thousand steps to come to rest; this many means that it never does. */
const REST_STEPS_MAX = 30_000;
const DAY_MS = 86_400_000;
const NUMBERLESS_MS = 15 * 60_000;
/** So many steps may lie between the statement that read a change and the frame that carries it. */
const UNDER_WAY_STEPS = 60;

class Play {
  readonly plan: Plan;
  readonly kernel: Kernel;
  readonly devices: Device[] = [];
  readonly #stage: Stage;
  readonly #network: Network;
  readonly #shared: SharedDatabase;
  readonly #nouns: readonly Noun[];
  readonly #users = new Map<string, SimUser>();
  /** By user, the newest first: what they could reach, until which step. */
  readonly #rights = new Map<string, { until: number; readonly rights: Rights }[]>();
  readonly #leaks: Violation[] = [];
  readonly #commits: Commit[] = [];
  readonly #gone = new Set<string>();
  readonly #taken = new Set<string>();
  readonly #uprooted = new Set<string>();
  readonly #later = new Map<string, readonly string[]>();
  readonly #series: readonly CollectedSeries[];
  readonly #papers = new Papers();
  #saved = false;
  #restored = false;

  readonly #rules: readonly string[] | undefined;

  constructor(stage: Stage, plan: Plan, { trace = false, rules }: PlayOptions) {
    this.plan = plan;
    this.#rules = rules;
    this.kernel = new Kernel(plan.seed, trace);
    this.#stage = stage;
    this.#shared = new SharedDatabase(this.kernel, stage.monitor, plan.database);
    this.#network = new Network(this.kernel, stage.servers, (...message) => this.#watch(...message));
    const names: readonly string[] = casts[plan.cast];
    this.#nouns = names.flatMap((name) => stage.nouns.filter(({ entity }) => entity.collection === name));
    this.#series = listSeries(this.#nouns);
    const dice = makeDice(plan.seed);
    for (let i = 0; i <= plan.devices; i += 1) {
      const user = simUser(`user-${i}`, dice.pick(DESKS), plan.scopes ? dice.pick(simRoles) : 'sim_all');
      this.#users.set(user.id, user);
      this.#rights.set(user.id, [{ until: Infinity, rights: rightsOfUser(user) }]);
    }
  }
  get #restores(): boolean {
    return this.plan.events.some(({ deed }) => deed.do === 'restore');
  }
  get users(): readonly SimUser[] {
    return [...this.#users.values()];
  }
  get commits(): number {
    return this.#commits.length;
  }

  #device(index: number): Device {
    const device = this.devices[index % this.devices.length];
    if (!device) throw new Error('a history without devices');
    return device;
  }
  #addDevice(index: number): Device {
    const user = this.#users.get(`user-${index}`);
    if (!user) throw new Error(`no user ${index}`);
    const world = {
      kernel: this.kernel,
      network: this.#network,
      nouns: this.#nouns,
      committed: (commit: Commit) => {
        this.#commits.push(commit);
        if (commit.taken !== undefined) this.#papers.print(commit.taken, commit.collection, commit.id);
      },
    };
    const device = new Device(world, `d${index}`, user, this.plan.batches);
    this.devices.push(device);
    device.start();
    return device;
  }

  async run(ports: Ports): Promise<Violation[]> {
    const { kernel, plan } = this;
    const userOf = (id: string): SimUser | undefined => this.#users.get(id);
    for (const server of this.#stage.servers) {
      await server.enter({ kernel, shared: this.#shared, userOf, ports, numbers: this.#series.length > 0 });
      server.start();
    }
    for (let i = 0; i < plan.devices; i += 1) this.#addDevice(i);
    this.#unsettle();
    for (const { deed, steps } of plan.events) {
      kernel.note(`> ${JSON.stringify(deed)}`);
      const found = await this.#do(deed);
      if (found.length > 0) return found;
      for (let i = 0; i < steps && (await kernel.step()); i += 1);
    }
    if (plan.newcomer) {
      this.#addDevice(plan.devices);
      return this.#quiet();
    }
    return [];
  }
  async end(): Promise<void> {
    await this.#shared.abortAll();
    for (const device of this.devices) device.kill();
    for (const server of this.#stage.servers) server.leave();
  }

  #unsettle(): void {
    this.#network.troubles = this.plan.network;
    this.#shared.troubles = this.plan.database;
  }

  async #do(deed: Deed): Promise<Violation[]> {
    const { kernel } = this;
    switch (deed.do) {
      case 'edit':
      case 'import':
      case 'bad':
        this.#act(deed);
        break;
      case 'offline':
      case 'online':
        this.#device(deed.device).setForcedOffline(deed.do === 'offline');
        break;
      case 'crash':
        this.#device(deed.device).kill();
        break;
      case 'start':
        this.#device(deed.device).start();
        break;
      case 'kill':
      case 'boot':
      case 'cut':
      case 'sweep':
        await this.#serve(deed.do, deed.server);
        break;
      case 'clock':
        if (deed.device !== undefined) this.#device(deed.device).clock = deed.days * DAY_MS;
        if (deed.server !== undefined) this.#server(deed.server).clock = deed.days * DAY_MS;
        break;
      case 'pass':
        await kernel.pass(deed.milliseconds);
        break;
      case 'rights':
        await this.#changeRights(deed);
        break;
      case 'save':
        await this.#shared.abortAll();
        await this.#stage.company.save();
        this.#saved = true;
        break;
      case 'restore':
        if (this.#saved) await this.#restore(deed.sign);
        break;
      case 'quiet':
        return this.#quiet();
    }
    return [];
  }
  async #changeRights({ user: index, salt }: Extract<Deed, { do: 'rights' }>): Promise<void> {
    const before = this.#users.get(`user-${index}`);
    if (!before) return;
    const dice = makeDice(salt);
    const user = simUser(before.id, dice.pick(DESKS), dice.pick(simRoles));
    await this.#stage.company.setRights(user);
    this.#users.set(user.id, user);
    const rights = this.#rights.get(user.id) ?? [];
    const [last] = rights;
    if (last) last.until = this.kernel.steps;
    rights.unshift({ until: Infinity, rights: rightsOfUser(user) });
    for (const device of this.devices) if (device.user.id === user.id) device.user = user;
    this.#shared.announce();
  }
  #maySee(userId: string, collection: string, document: WireDocument, since = Infinity): boolean {
    return (this.#rights.get(userId) ?? []).some(({ until, rights }) => until >= since && mayRead(rights, collection, document));
  }
  /** No body is sent to somebody who could not see it at the time, or a moment ago: a message may be on its way inside the server. */
  #watch({ user, owner }: Sender, path: string, body: unknown, since = this.kernel.steps - UNDER_WAY_STEPS): void {
    const collection = path.split('/')[2] ?? '';
    const bodies: unknown = Array.isArray(body)
      ? body
      : typeof body === 'object' && body !== null && 'documents' in body
        ? body.documents
        : [];
    if (!Array.isArray(bodies)) return;
    for (const document of bodies as WireDocument[]) {
      if (isWithdrawn(document) || String(document['w']).startsWith('refused-')) continue;
      if (this.#maySee(user.id, collection, document, since)) continue;
      this.#leaks.push({
        rule: 'SYN-7',
        what: `${owner.name} was sent ${collection}/${document.id} (${String(document['w'])}), which its user may not see`,
      });
    }
  }
  #server(index: number): SimServer {
    const server = this.#stage.servers[index];
    if (!server) throw new Error(`no server ${index}`);
    return server;
  }
  #act({ do: what, device: index, salt }: Extract<Deed, { do: 'edit' | 'import' | 'bad' }>): void {
    const device = this.#device(index);
    const dice = makeDice(salt);
    const collections: readonly string[] = casts[this.plan.cast];
    // What is typed after a restore may be a number that the lost history leased, and is taken (NUM-5).
    const foreign = this.#restores ? undefined : this.#papers.numbers;
    const one = what === 'edit' ? someEdit(dice, device, collections, foreign) : undefined;
    const intents = one
      ? [one]
      : what === 'import'
        ? someImport(dice, device, collections, foreign !== undefined)
        : what === 'bad'
          ? someBadBatch(dice, device, collections)
          : [];
    void device.act(intents).catch(this.kernel.fail.bind(this.kernel));
  }
  async #serve(what: 'kill' | 'boot' | 'cut' | 'sweep', index: number): Promise<void> {
    const server = this.#server(index);
    if (what === 'boot') server.start();
    if (!server.isUp) return;
    if (what === 'kill') {
      server.kill();
      this.#network.died(server);
      await server.ready();
    }
    if (what === 'cut') server.cutStreams();
    if (what === 'sweep') void server.sweep().catch((error: Error) => this.kernel.note(`sweep failed: ${error.message}`));
  }

  async #restore(sign: boolean): Promise<void> {
    const { company, servers } = this.#stage;
    // As the runbook says. A failover under running servers is another matter; see docs/known-gaps.md.
    for (const server of servers) {
      server.kill();
      this.#network.died(server);
      await server.ready();
    }
    await this.#shared.abortAll();
    const before = await company.read();
    this.#print(before);
    // Another machine, whose clock is another one; the limits of series bear two minutes between any two.
    this.#shared.clock = this.kernel.dice.pick([-60_000, 0, 60_000]);
    await company.restore(sign);
    if (!sign) await beginEpoch(this.#stage.monitor, 'put back by hand');
    const after = await company.read();
    this.#restored = true;
    const keys = (state: StoredState): string[] =>
      [...state.refused, ...state.settled, ...state.parked, ...state.audit].map(({ collection, id, w }) => keyOf(collection, id, w));
    const left = new Set(keys(after));
    const held = new Set(
      this.devices.flatMap(({ disk }) =>
        [...disk].flatMap(([collection, { replica }]) =>
          [...replica.assumed.values()]
            // Not one that an older frame is just taking the place of; see docs/known-gaps.md.
            .filter(({ state }) => !replica.fork.get(state.id)?.fromMaster || replica.fork.get(state.id)?.doc['w'] === state['w'])
            .map(({ state }) => keyOf(collection, state.id, state['w'])),
        ),
      ),
    );
    /** By record: the newest lost state that a device knows. It holds what the ones before it said. */
    const newest = new Map<string, string>();
    for (const { collection, id } of before.parked) this.#uprooted.add(`${collection}/${id}`);
    for (const key of keys(before).filter((one) => !left.has(one))) {
      this.#taken.add(key);
      this.#gone.add(key);
      if (held.has(key)) newest.set(key.slice(0, key.lastIndexOf('/')), key);
    }
    for (const key of newest.values()) this.#gone.delete(key);
    const lost = before.audit.map(({ collection, id, w }) => keyOf(collection, id, w)).filter((key) => !left.has(key));
    lost.forEach((key, i) => {
      const record = key.slice(0, key.lastIndexOf('/') + 1);
      this.#later.set(key, [...(this.#later.get(key) ?? []), ...lost.slice(i + 1).filter((one) => one.startsWith(record))]);
    });
    for (const server of servers) server.start();
  }

  /** Notes every number that a record was ever given. */
  #print({ audit }: StoredState): void {
    for (const row of audit) {
      const series = this.#series.find(({ collection }) => collection === row.collection);
      if (series && claims(series, row) !== undefined) this.#papers.print(String(row.after[series.field]), row.collection, row.id);
    }
  }

  /** Ends all troubles, lets everybody come to rest, and asks the checker. */
  async #quiet(): Promise<Violation[]> {
    const { kernel } = this;
    this.#network.troubles = CALM;
    this.#shared.troubles = { ...this.plan.database, cutBefore: 0, cutAfter: 0 };
    for (const server of this.#stage.servers) server.start();
    for (const device of this.devices) {
      device.start();
      device.setForcedOffline(false);
    }
    await kernel.rest(REST_STEPS_MAX);
    // After a restore no numbers are given for some minutes.
    if (this.#restored && this.#series.length > 0) await kernel.pass(NUMBERLESS_MS);
    const before = kernel.activity;
    void this.#server(kernel.dice.below(2)).sweep().catch(kernel.fail.bind(kernel));
    await kernel.drain(REST_STEPS_MAX);
    if (kernel.activity !== before) await kernel.rest(REST_STEPS_MAX);
    const away = this.devices.filter((device) => !device.isOnline);
    if (away.length > 0) return [{ rule: 'SYN-5', what: `${away.map(({ name }) => name).join(', ')} cannot connect` }];
    const state = await this.#stage.company.read();
    this.#print(state);
    const evidence: Evidence = {
      state,
      devices: this.devices,
      entities: this.#nouns.map(({ entity }) => entity),
      commits: this.#commits,
      gone: this.#gone,
      taken: this.#taken,
      uprooted: this.#uprooted,
      later: this.#later,
      restored: this.#restored,
      maySee: (userId, collection, document) => this.#maySee(userId, collection, document),
      series: this.#series,
    };
    const found = [...this.#leaks, ...this.#papers.doubles, ...check(evidence)].filter(({ rule }) => this.#rules?.includes(rule) !== false);
    this.#unsettle();
    return found;
  }
}

export async function play(stage: Stage, plan: Plan, options: PlayOptions = {}): Promise<Outcome> {
  const history = new Play(stage, plan, options);
  await stage.company.empty(history.users);
  const giveBack = history.kernel.takeTimers();
  let violations: Violation[];
  try {
    violations = await history.run(options.ports ?? {});
  } catch (error) {
    violations = [{ rule: 'SYN-12', what: error instanceof Error ? (error.stack ?? error.message) : String(error) }];
  } finally {
    await history.end();
    giveBack();
  }
  const { kernel, commits } = history;
  return { violations, fingerprint: kernel.fingerprint(), steps: kernel.steps, commits, trace: kernel.trace ?? [] };
}
