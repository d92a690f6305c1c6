/**
 * The longest task of the window by the processor time that it took, from a trace. On a machine that others use, the time on the
 * clock says mostly how long the window waited for its turn.
 */
import type { BrowserContext, Page } from '@playwright/test';

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  /** Processor time of the thread, in microseconds. */
  readonly tdur?: number;
  readonly args: { readonly name?: string };
}

/** Starts a trace; answers how to end it, which answers milliseconds. */
export async function watchWork(context: BrowserContext, page: Page): Promise<() => Promise<number>> {
  const session = await context.newCDPSession(page);
  const threads = new Set<string>();
  const longest = new Map<string, number>();
  session.on('Tracing.dataCollected', ({ value }) => {
    for (const event of value as unknown as TraceEvent[]) {
      const thread = `${event.pid}/${event.tid}`;
      if (event.name === 'thread_name' && event.args.name === 'CrRendererMain') threads.add(thread);
      if (event.ph === 'X' && event.name.endsWith('RunTask')) longest.set(thread, Math.max(longest.get(thread) ?? 0, event.tdur ?? 0));
    }
  });
  await session.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig: { includedCategories: ['toplevel'] } });
  return async () => {
    const ended = new Promise<void>((done) => session.once('Tracing.tracingComplete', () => done()));
    await session.send('Tracing.end');
    await ended;
    await session.detach();
    const own = [...threads].flatMap((thread) => longest.get(thread) ?? []);
    return own.length === 0 ? Number.NaN : Math.max(...own) / 1000;
  };
}
