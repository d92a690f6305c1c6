import { describe, expect, it } from 'vitest';
import { hard, soft } from '../../../domain/entity/problem.ts';
import { orderNoun } from '../../../domain/order/order.rules.ts';
import { blankLine } from '../../../renderer/ui/blank-line.ts';
import { FormFacts } from '../../../renderer/ui/form-facts.ts';
import { usualCompany } from '../../../domain/access/company.ts';
import { changedKeys, derivedOf, previewSave } from '../../../renderer/ui/preview.ts';

const actor = { userId: 'u', deskId: 'd' };

describe('what a form sends', () => {
  it('is only what was changed; an emptied field comes as undefined', () => {
    expect(
      changedKeys({ name: 'A', phone: '1', roles: ['supplier'] }, { name: 'A', phone: undefined, roles: ['supplier', 'carrier'] }),
    ).toEqual({ phone: undefined, roles: ['supplier', 'carrier'] });
  });
  it('is nothing when absent, empty text and empty list are exchanged', () => {
    expect(changedKeys({ notes: undefined, dbas: undefined }, { notes: '', dbas: [] })).toEqual({});
  });
});

describe('what a form is told while it is typed', () => {
  const line = {
    lineId: 'l1',
    description: 'Brisket',
    caseWeights: '61.35+58.90+63.20+60.05+59.75+62.40+57.80+61.15',
    price: 14_835_700,
    priceUnit: 'cwt',
  };

  it('[R5] has the amount of a catch-weight line before the order has a number', () => {
    const derived = derivedOf(orderNoun, undefined, { kind: 'purchase', lines: [line] });
    expect(derived?.['totalAmount']).toBe(718_938);
    expect(derived?.['totalWeight']).toBe(48_460);
  });

  it('keeps the total of the good lines while another line holds text that is no number', () => {
    const derived = derivedOf(orderNoun, undefined, {
      kind: 'purchase',
      lines: [line, { lineId: 'l2', description: 'x', price: 'abc', priceUnit: 'lb' }],
    });
    expect(derived?.['totalAmount']).toBe(718_938);
  });

  it('names the field that stops the save', () => {
    const decision = previewSave(orderNoun, undefined, { lines: [line] }, { actor, company: usualCompany });
    expect(decision.ok ? [] : decision.rejection.problems.map(({ field }) => field)).toContain('kind');
  });
});

describe('problems at their fields', () => {
  it('stay quiet until the field was left; a missing value stays quiet until the first save', () => {
    const facts = new FormFacts();
    facts.set(
      [hard('name', 'required', 'Name is required; fill it in.'), hard('email', 'bad_email', 'E-mail must be an address.')],
      undefined,
    );
    expect(facts.problemAt('email')).toBeUndefined();
    facts.touch('email');
    facts.touch('name');
    expect(facts.problemAt('email')?.code).toBe('bad_email');
    expect(facts.problemAt('name')).toBeUndefined();
    facts.speakUp();
    expect(facts.problemAt('name')?.code).toBe('required');
    facts.calmDown();
    expect(facts.problemAt('email')).toBeUndefined();
  });

  it('show the first of several at one field', () => {
    const facts = new FormFacts();
    facts.set([hard('price', 'a', 'first'), soft('price', 'b', 'second')], undefined);
    facts.speakUp();
    expect(facts.problemAt('price')?.message).toBe('first');
  });
});

describe('a new line', () => {
  it('has an id of its own and nothing typed', () => {
    const field = orderNoun.entity.fields['lines'];
    if (!field) throw new Error('the order has no lines');
    const [a, b] = [blankLine(field), blankLine(field)];
    expect(a.lineId).not.toBe(b.lineId);
    expect(a['description']).toBeUndefined();
  });
});
