/** `drover series`: how far each number series has come, and what became of every single number. */
import { type NumberForm, WIDTH_MAX, numberInAny, numberText } from '../../domain/record/series.ts';
import { type Command, InvalidArgumentError } from 'commander';
import { changeSeries } from '../admin/series.ts';
import type { Database, Runner } from '../db/database.ts';
import { type SeriesSummary, type Standing, allForms, ledgerOf, parkedWith, standings, summaries } from '../db/series.ts';
import { byCommandLine, dependenciesOn } from './acting.ts';
import { type List, listing } from './list.ts';
import { type Surroundings, onDatabase } from './on-database.ts';
import { CliFault } from './sync-client.ts';

const day = (instant: string | null): string => (instant ?? '').slice(0, 10);

function sentence(standing: Standing, parked: string | undefined): string {
  const { owner, state, origin, at, device, leasedAt, next, toldAt, n } = standing;
  const by = {
    lease: `by device ${device ?? ''}`,
    server: 'by the server',
    import: 'brought along by an import',
    earlier: 'in an earlier history',
  };
  if (owner !== null && state === 'given') return `${owner}, ${by[origin ?? 'lease']}, ${day(at)}`;
  if (owner !== null) return `${owner}, which was refused on ${day(at)}; the number stays with it`;
  if (parked !== undefined) return `${parked}, which waits for a record that it refers to`;
  if (device !== null) {
    const block = `in the block of device ${device} since ${day(leasedAt)}`;
    return next !== null && n < next ? `${block}; taken there before ${day(toldAt)} for a record that has not come` : `${block}, not used`;
  }
  if (standing.isAhead) return 'not given out yet';
  return standing.isEarlier ? 'not given out in this history; an earlier one that was lost may have' : 'passed over';
}

/** As it stands on its record, or as its block has it, or as the series writes now. */
function textOf({ n, written, prefix, width }: Standing, now: NumberForm): string {
  return written ?? numberText(prefix !== null && width !== null ? { prefix, width } : now, n);
}

/** What became of one number; throws a usage fault for a text that no series writes. */
async function explainNumber(runner: Runner, text: string): Promise<readonly string[]> {
  const [all, ever] = [await summaries(runner), await allForms(runner)];
  for (const one of all) {
    const n = numberInAny(ever[one.key] ?? [one], text);
    if (n === undefined) continue;
    const [standing] = await standings(runner, [one.key], [n]);
    if (!standing) throw new Error(`${one.key} has no standing of ${n}`);
    return [textOf(standing, one), sentence(standing, await parkedWith(runner, one.collection, one.field, text))];
  }
  const forms = all.map((one) => numberText(one, 12)).join(', ');
  throw new CliFault('usage', `"${text}" is no number of a series; they look like ${forms || 'nothing yet'}.`);
}

const tell = ({ key, label, next, given, refused, open, devices, ...form }: SeriesSummary): readonly string[] => [
  key,
  label,
  `next ${numberText(form, next)}`,
  `${given} given`,
  `${refused} with refused records`,
  `${open} in the blocks of ${devices} devices`,
];

/** Every number of a series that was given out: one line for each number in use, one for each stretch that is not. */
async function listSeriesNumbers(runner: Runner, key: string): Promise<(readonly string[])[]> {
  const series = (await summaries(runner)).find((one) => one.key === key);
  if (!series) return [await explainNumber(runner, key)];
  const { blocks, given } = await ledgerOf(runner, key);
  const lines = new Map(given.map((standing) => [standing.n, [textOf(standing, series), sentence(standing, undefined)]]));
  for (const { first, last } of blocks) {
    for (let from = first; from <= last; from += 1) {
      if (lines.has(from)) continue;
      let to = from;
      while (to < last && !lines.has(to + 1)) to += 1;
      // A block is used from its front, so what lies together is told by its ends.
      const [a, b] = await standings(runner, [key, key], [from, to]);
      if (!a || !b) throw new Error(`${key} has no standing of ${from}`);
      const said = sentence(a, undefined);
      const upTo = said === sentence(b, undefined) ? to : Math.min(to, (a.next ?? to + 1) - 1);
      lines.set(from, [`${textOf(a, series)}${upTo > from ? ` to ${textOf({ ...a, n: upTo }, series)}` : ''}`, said]);
      from = upTo;
    }
  }
  return [...lines].sort(([a], [b]) => a - b).map(([, line]) => line);
}

const read = async (runner: Runner, about: string | undefined): Promise<List> =>
  about === undefined
    ? {
        columns: ['Series', 'Papers', 'Next number', 'Given', 'Refused', 'Not used yet'],
        rows: (await summaries(runner)).map(tell),
      }
    : { columns: ['Numbers', 'What became of them'], rows: await listSeriesNumbers(runner, about) };

interface SetFlags {
  readonly prefix?: string;
  readonly width?: number;
  readonly reason: string;
}
function digitsIn(text: string): number {
  if (!/^\d{1,2}$/u.test(text)) throw new InvalidArgumentError(`Give a number of digits from 1 to ${WIDTH_MAX}.`);
  return Number(text);
}
async function set(db: Database, key: string, { prefix, width, reason }: SetFlags): Promise<void> {
  if (prefix === undefined && width === undefined) throw new CliFault('usage', 'Say what to set: --prefix, --width, or both.');
  const stored = (await summaries(db)).find((one) => one.key === key);
  const form = { prefix: prefix ?? stored?.prefix ?? '', width: width ?? stored?.width ?? 0 };
  const outcome = await changeSeries(dependenciesOn(db), { series: key, ...form, reason }, byCommandLine);
  if (outcome.kind === 'out_of_bounds') throw new CliFault('usage', outcome.problem);
  if (outcome.kind === 'unknown_series')
    throw new CliFault('usage', `There is no number series "${key}". Choose one of ${outcome.known.join(', ')}.`);
}

export function addSeriesCommand(root: Command, around: Surroundings, finish: (code: number) => void): void {
  const series = root
    .command('series')
    .argument('[about]', 'a series, for all its numbers, or one number such as PO-000012')
    .description('number series, in the database of DATABASE_URL: how far they have come, and what became of each number');
  listing(series, around, finish, read);
  series
    .command('set')
    .argument('<series>', 'as "drover series" prints it')
    .description('write its numbers in another form from now on; what was given or leased keeps the form that it has, and stays watched')
    .option('--prefix <text>', 'such as PO-')
    .option('--width <digits>', 'how many digits at least', digitsIn)
    .option('--reason <words>', 'kept with the change', '')
    .action(async (key: string, flags: SetFlags) => finish(await onDatabase(around, (db) => set(db, key, flags))));
}
