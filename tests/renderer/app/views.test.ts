import { describe, expect, it } from 'vitest';
import { blankDraft, createRecord } from '../../../domain/record/record.commands.ts';
import { viewBook } from '../../../renderer/app/views.ts';
import { faceForRef } from '../../../renderer/ui/ref-control.tsx';
import { fieldAt } from '../../../renderer/ui/grid-columns.ts';
import { isOfFace, selectorOf } from '../../../renderer/ui/view.ts';

const faces = viewBook.faces.map((faced) => [faced.face.key, faced] as const);
const moment = { actor: { userId: 'u', deskId: 'd' }, now: '2026-11-20T00:00:00.000Z', w: 'w' };

describe('views', () => {
  it('cover the nine entities of the replaced system, the catalogue and sales', () => {
    expect(faces.map(([key]) => key).sort()).toEqual(
      [
        'carriers',
        'contacts',
        'customers',
        'locations',
        'mappings',
        'payment-accounts',
        'plants',
        'products',
        'profiles',
        'purchase-orders',
        'sales-orders',
        'suppliers',
      ].sort(),
    );
  });

  it.each(faces)('%s: columns, sort and widths name fields that exist', (_, { view, face }) => {
    for (const key of [...face.columns, ...(face.spare ?? []), face.sort.key, ...Object.keys(view.widths ?? {})]) {
      expect(fieldAt(view.noun.entity, key), key).toBeDefined();
    }
    expect(new Set([...face.columns, ...(face.spare ?? [])]).size).toBe(face.columns.length + (face.spare?.length ?? 0));
    expect(face.columns).toContain(view.noun.entity.title);
  });

  it.each(faces)('%s: every tab leads to a face whose field points back here', (_, { view, face }) => {
    for (const tab of face.hub ?? []) {
      const target = viewBook.face(tab.face);
      const field = target?.view.noun.entity.fields[tab.field];
      expect(field?.to, `${tab.face}.${tab.field}`).toBe(view.noun.entity.collection);
    }
  });

  it.each(faces)('%s: what is required is on the form or comes with the face', (_, { view, face }) => {
    const given = { ...blankDraft(view.noun.entity), ...face.preset, ...face.start?.() };
    for (const [key, field] of Object.entries(view.noun.entity.fields)) {
      if (!field.required || field.computed) continue;
      const placement = view.layout[key];
      const onForm = placement !== 'hidden' && placement !== undefined && (placement.faces?.includes(face.key) ?? true);
      expect(onForm || Object.hasOwn(given, key), key).toBe(true);
      const folded = onForm && view.sections[placement.section]?.folded === true;
      expect(folded, `${key} is required and must not hide in a folded section`).toBe(false);
    }
  });

  it.each(faces)('%s: a new record belongs to its own list', (_, { view, face }) => {
    const draft = { ...blankDraft(view.noun.entity), ...face.preset, ...face.start?.() };
    expect(isOfFace(face, draft)).toBe(true);
    expect(Object.keys(selectorOf(face.where, view.noun.entity))).toEqual(Object.keys(face.where ?? {}));
  });

  it('a supplier that is also a carrier opens as a supplier first, a pure carrier as a carrier', () => {
    expect(viewBook.faceOf('parties', { roles: ['carrier', 'supplier'] })?.face.key).toBe('suppliers');
    expect(viewBook.faceOf('parties', { roles: ['carrier'] })?.face.key).toBe('carriers');
    expect(viewBook.faceOf('locations', { kind: 'cold_store' })?.face.key).toBe('locations');
  });

  it('a picker creates the kind of record that its reference asks for', () => {
    const order = viewBook.view('orders')?.noun.entity;
    const carrier = order?.fields['carrierId'];
    const product = order?.fields['lines']?.fields?.['productId'];
    if (!carrier || !product) throw new Error('the order has lost its carrier or its product');
    expect(faceForRef(viewBook.faces, carrier)?.face.key).toBe('carriers');
    expect(faceForRef(viewBook.faces, product)?.face.key).toBe('products');
  });

  it('a supplier needs a name and nothing else', () => {
    const suppliers = viewBook.face('suppliers');
    if (!suppliers) throw new Error('no suppliers');
    const made = createRecord(
      suppliers.view.noun,
      'a',
      { ...blankDraft(suppliers.view.noun.entity), ...suppliers.face.preset, name: 'Hollow Oak' },
      moment,
    );
    expect(made.ok).toBe(true);
  });
});
