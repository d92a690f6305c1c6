import { afterAll, beforeAll, expect, test } from 'vitest';
import { openMailer } from '../../../sync-server/mail/mailer.ts';
import { type Telling, openTelling } from '../../../sync-server/mail/telling.ts';
import { type PostBox, openPostBox } from '../post-box.ts';
import { until } from '../test-server.ts';

const letter = { subject: 'S', text: 'T' };
const now = (): Date => new Date(Date.UTC(2026, 4, 1));
let box: PostBox;
beforeAll(async () => {
  box = await openPostBox();
});
afterAll(() => box.close());

function open(): { telling: Telling; errors: string[] } {
  const errors: string[] = [];
  const mailer = openMailer({ smtpUrl: box.url, from: 'drover@example.com' });
  return { telling: openTelling(mailer, now, ({ message }) => void errors.push(message)), errors };
}

test('a letter that waits for another try is tried once more when the server closes', async () => {
  const { telling, errors } = open();
  box.refuse(true);
  const before = box.refused();
  telling.tell('a@drover.example', letter);
  await until(() => box.refused() > before, 'the first try');
  box.refuse(false);
  await telling.close();
  expect(box.letters.map(({ to }) => to)).toEqual([['a@drover.example']]);
  expect(errors).toEqual([]);
  expect(telling.state()).toEqual({ lost: 0, lastLostAt: null });
});

test('one that nobody takes is counted and noted; closing waits for letters that come of what is under way', async () => {
  const { telling, errors } = open();
  box.letters.length = 0;
  const begun = box.refused();
  box.refuse(true);
  telling.tell('b@drover.example', letter);
  await until(() => box.refused() > begun, 'the first try');
  telling.afterwards(async () => {
    await until(() => box.refused() > begun + 1, 'the last try');
    box.refuse(false);
    telling.tell('c@drover.example', letter);
  });
  await telling.close();
  expect(box.letters.map(({ to }) => to)).toEqual([['c@drover.example']]);
  expect(errors).toEqual(['a letter could not be sent']);
  expect(telling.state()).toEqual({ lost: 1, lastLostAt: '2026-05-01T00:00:00.000Z' });
});
