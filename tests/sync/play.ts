/** Plays a plan: opens the company, lets people and fate do what the plan says, and asks the checker at every quiet point. */
import { castDown } from '../../domain/entity/cast.ts';
import type { Noun } from '../../domain/record/noun.ts';
import type { Database } from '../../sync-server/db/database.ts';
import { beginEpoch } from '../../sync-server/db/epochs.ts';
import { type CollectedSeries, listSeries } from '../../domain/record/series.ts';
import { Papers, claims } from './check-numbers.ts';
import { check } from './checker.ts';
import { type Commit, Device, type Intent } from './device.ts';
import { type Dice, makeDice } from './dice.ts';
import { someBadBatch, someEdit, someImport } from './drafts.ts';
import { type Evidence, type Violation, keyOf } from './evidence.ts';
import { Kernel } from './kernel.ts';
import { CALM, Network } from './network.ts';
import { type Deed, type Plan, casts } from './plan.ts';
import { SharedDatabase } from './sim-database.ts';
import type { Ports, SimServer } from './sim-server.ts';
import { Secrets } from './secrets.ts';
import { DESKS, type SimUser, limitedRoles, simRoles, simUser } from './sim-users.ts';
import type { CompanyDatabase, StoredState } from './stored-state.ts';
import { asOlder } from './versions.ts';
import { Watch } from './watch.ts';

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

class Play {
  readonly plan: Plan;
  readonly kernel: Kernel;
  readonly devices: Device[] = [];
  readonly #stage: Stage;
  readonly #network: Network;
  readonly #shared: SharedDatabase;
  readonly #nouns: readonly Noun[];
  readonly #users = new Map<string, SimUser>();
  readonly #watch: Watch;
  readonly #commits: Commit[] = [];
  readonly #gone = new Set<string>();
  readonly #taken = new Set<string>();
  readonly #uprooted = new Set<string>();
  readonly #later = new Map<string, readonly string[]>();
  readonly #series: readonly CollectedSeries[];
  readonly #papers = new Papers();
  readonly #secrets = new Secrets();
  /** The people as they were when the database was saved last. */
  #saved: readonly SimUser[] | undefined;
  #restored = false;

  readonly #rules: readonly string[] | undefined;

  constructor(stage: Stage, plan: Plan, { trace = false, rules }: PlayOptions) {
    this.plan = plan;
    this.#rules = rules;
    this.kernel = new Kernel(plan.seed, trace);
    this.#stage = stage;
    this.#shared = new SharedDatabase(this.kernel, stage.monitor, plan.database);
    this.#network = new Network(this.kernel, stage.servers, (...message) => this.#watch.message(...message));
    const names: readonly string[] = casts[plan.cast];
    this.#nouns = names.flatMap((name) => stage.nouns.filter(({ entity }) => entity.collection === name));
    this.#watch = new Watch(
      this.kernel,
      this.#nouns.map(({ entity }) => entity),
      this.#secrets,
    );
    this.#series = listSeries(this.#nouns);
    const dice = makeDice(plan.seed);
    for (let i = 0; i <= plan.devices; i += 1) {
      const user = simUser(`user-${i}`, dice.pick(DESKS), plan.scopes ? dice.pick(this.#roles) : 'sim_all');
      this.#users.set(user.id, user);
      this.#watch.set(user);
    }
  }
  get #roles() {
    return this.plan.limits ? limitedRoles : simRoles;
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
      isMixed: this.plan.older !== undefined,
      committed: (commit: Commit) => {
        this.#commits.push(commit);
        if (commit.taken !== undefined) this.#papers.print(commit.taken, commit.collection, commit.id);
      },
    };
    const nouns = index < (this.plan.older ?? 0) ? this.#nouns.map(asOlder) : this.#nouns;
    const device = new Device(world, `d${index}`, user, nouns, this.plan.batches);
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
      case 'update':
        this.#device(deed.device).update(this.#nouns);
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
        this.#saved = this.users;
        break;
      case 'restore':
        if (this.#saved) await this.#restore(deed.sign);
        break;
      case 'quiet':
        return this.#quiet();
    }
    return [];
  }
  /** From now on this is what they may reach. */
  #is(user: SimUser, dice: Dice): void {
    this.#users.set(user.id, user);
    this.#watch.set(user);
    const tell = (): void => this.devices.filter((device) => device.user.id === user.id).forEach((device) => (device.user = user));
    // A window learns of other fields when it has connected again; until then it goes on as it was.
    if (this.plan.limits) this.kernel.after(dice.pick([0, 100, 2_000]), tell);
    else tell();
  }
  async #changeRights({ user: index, salt }: Extract<Deed, { do: 'rights' }>): Promise<void> {
    const before = this.#users.get(`user-${index}`);
    if (!before) return;
    const dice = makeDice(salt);
    const user = simUser(before.id, dice.pick(DESKS), dice.pick(this.#roles));
    await this.#stage.company.setRights(user);
    this.#is(user, dice);
    this.#shared.announce();
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
    const typed = intents.map((intent) => (this.plan.limits ? this.#withSecrets(dice, device, intent) : intent));
    void device.act(typed).catch(this.kernel.fail.bind(this.kernel));
  }
  #withSecrets(dice: Dice, device: Device, intent: Intent): Intent {
    const filled = this.#secrets.into(dice, device.user.id, intent);
    return dice.chance(10) ? { ...filled, typesHidden: true } : filled;
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
    for (const user of this.#saved ?? []) if (this.#users.get(user.id) !== user) this.#is(user, this.kernel.dice);
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
      limited: this.plan.limits === true,
      maySee: (...what) => this.#watch.maySee(...what),
      shownOn: (device, collection, document) => {
        const noun = this.#nouns.find(({ entity }) => entity.collection === collection);
        if (!noun) return document;
        const { version } = device.entityOf(collection) ?? noun.entity;
        return castDown(noun.entity, version, this.#watch.shownTo(device.user.id, noun.entity, document));
      },
      isLimited: (userId) => this.#watch.hides(userId),
      hides: (...what) => this.#watch.hides(...what),
      series: this.#series,
    };
    const found = [...this.#watch.leaks, ...this.#papers.doubles, ...check(evidence)].filter(
      ({ rule }) => this.#rules?.includes(rule) !== false,
    );
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
