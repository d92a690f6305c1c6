/**
 * Runs Vite's build and puts NODE_ENV back. Vite leaves "production" behind, which would turn this process, and what it
 * starts, into something it is not: tests would run as production, and a desk would refuse its demo company.
 */
export async function keepingNodeEnv<Result>(work: () => Promise<Result>): Promise<Result> {
  const before = process.env.NODE_ENV;
  try {
    return await work();
  } finally {
    if (before === undefined) delete process.env.NODE_ENV;
    else process.env.NODE_ENV = before;
  }
}
