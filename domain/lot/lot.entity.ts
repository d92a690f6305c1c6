/**
 * Goods that can be told apart: one plant, one product, one pack date. Its two quantities differ while goods travel:
 * what we have rights to, and what stands in custody. Both follow from events and are recomputed from them.
 */
import { type DocumentOf, defineEntity } from '../entity/entity.ts';
import { choice, date, flag, integer, lines, money, pounds, price, ref, refs, text } from '../entity/field.ts';
import { priceUnits } from '../vocabulary/trade.ts';

const signed = { least: -1_000_000_000_000 } as const;

export const lot = defineEntity({
  noun: 'lot',
  collection: 'lots',
  label: 'Lot',
  labels: 'Lots',
  title: 'code',
  reason: 'holdReason',
  fields: {
    code: text('Lot', {
      required: true,
      index: true,
      max: 100,
      aliases: ['Lot id', 'Lot code', 'Lot number', 'Batch', 'Tracking identifier'],
    }),
    productId: ref('Product', 'products', { index: true, onDelete: 'protect', aliases: ['Item'] }),
    plantId: ref('Plant', 'locations', { onDelete: 'protect', aliases: ['Producing plant'] }),
    establishment: text('EST number', { max: 200, aliases: ['EST', 'plant_est_number'] }),
    packedOn: date('Pack date', { index: true, aliases: ['item_production_date', 'Production date', 'Packed on'] }),
    useByOn: date('Use or freeze by', { aliases: ['Use by', 'Best before', 'Expiry'] }),
    stage: choice(
      'Stage',
      {
        expected: 'Expected',
        available: 'Available',
        reserved: 'Reserved',
        in_transit: 'In transit',
        delivered: 'Delivered',
        on_hold: 'On hold',
        rejected: 'Rejected',
        reworked: 'Reworked',
        written_off: 'Written off',
      },
      { default: 'expected' },
    ),
    holdReason: text('Reason of the hold', { max: 500 }),
    claimed: flag('Claimed', {}),
    cases: integer('Cases', { ...signed, aliases: ['Quantity'] }),
    netWeight: pounds('Net weight', { aliases: ['finished_weight', 'Weight'], hint: 'As first recorded' }),
    accountingWeight: pounds('Weight we have rights to', { ...signed, computed: true }),
    onhandWeight: pounds('Weight in custody', { ...signed, computed: true }),
    accountingCases: integer('Cases we have rights to', { ...signed, computed: true }),
    onhandCases: integer('Cases in custody', { ...signed, computed: true }),
    shrinkWeight: pounds('Shrink', {}),
    partyId: ref('Accountable party', 'parties', { hint: 'Who has the rights' }),
    custodianId: ref('Custodian', 'parties', { hint: 'Who holds the goods' }),
    locationId: ref('Location', 'locations', { index: true }),
    containedInId: ref('Contained in', 'lots', { hint: 'Pallet or load of which it is a part' }),
    parentLotIds: refs('Made from lots', 'lots', { hint: 'Rework and repack' }),
    purchaseOrderId: ref('Purchase order', 'orders', { onDelete: 'protect', aliases: ['supplier_po'] }),
    salesOrderId: ref('Sales order', 'orders', { onDelete: 'protect', aliases: ['customer_sales_order'] }),
    matching: choice('Load status', { matched: 'Matched', not_matched: 'TBD - Not Matched' }, { aliases: ['status_of_load'] }),
    cost: price('Landed cost', { computed: true }),
    costUnit: choice('Landed cost unit', priceUnits, {}),
    boxingCost: money('Boxing cost', {}),
    storageCost: money('Cold storage cost', { aliases: ['cold_storage_cost'] }),
    totalCost: money('Total cost', {}),
    serials: lines(
      'Cases by serial',
      {
        serial: text('Serial', { required: true, max: 60 }),
        gtin: text('GTIN', { max: 14 }),
        weight: pounds('Weight', {}),
        packedOn: date('Pack date', {}),
      },
      { max: 2000, hint: 'From a packing list or scanned' },
    ),
    testResult: choice('Test result', { pending: 'Pending', negative: 'Negative', positive: 'Positive', not_required: 'Not required' }, {}),
    description: text('Description', { max: 500, aliases: ['item_description'] }),
    notes: text('Notes', { max: 20_000, long: true }),
  },
  indexes: [['stage', 'packedOn']],
  views: [{ name: 'lot_list' }, { name: 'lot_serials', lines: 'serials' }],
});
export type Lot = DocumentOf<typeof lot>;
