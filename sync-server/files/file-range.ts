/** Which bytes a request asks for (RFC 9110, 14.2). One range; several, and what is no range, mean the whole. */

export interface ByteRange {
  readonly from: number;
  /** The last byte, included. */
  readonly to: number;
}

/** `whole`: no usable range was asked for. `unsatisfiable`: it begins after the end. */
export function byteRange(header: string | undefined, size: number): ByteRange | 'whole' | 'unsatisfiable' {
  const [, first = '', last = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '') ?? [];
  if (first === '' && last === '') return 'whole';
  if (first === '') {
    const suffix = Number(last);
    return suffix === 0 || size === 0 ? 'unsatisfiable' : { from: Math.max(0, size - suffix), to: size - 1 };
  }
  const from = Number(first);
  const to = last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (last !== '' && Number(last) < from) return 'whole';
  return from >= size ? 'unsatisfiable' : { from, to };
}
