/**
 * One question that many ask at the same moment: whoever asks while a look is under way waits for the next one, together with
 * all others who do. So nobody is answered by a look that began before the question.
 */
export function sharedLook<Answer>(look: () => Promise<Answer>): () => Promise<Answer> {
  let running: Promise<unknown> = Promise.resolve();
  let next: Promise<Answer> | undefined;
  return () => {
    next ??= running.then(() => {
      next = undefined;
      const answer = look();
      // Whoever asked is told of a failure; those who wait look for themselves.
      running = answer.catch(() => undefined);
      return answer;
    });
    return next;
  };
}
