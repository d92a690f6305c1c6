/**
 * Files over HTTP. Every address names a record and a hash: what the caller may do with the record decides. Contents are
 * handed out as downloads that no browser runs, whatever is in them.
 */
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { FilesAskedBody, type FilesMissingAnswer, UPLOAD_PART_BYTES_MAX, type UploadAnswer } from '../../domain/protocol/protocol.ts';
import { UploadQuery } from '../../domain/protocol/queries.ts';
import type { NamedFile } from '../../domain/record/file-rules.ts';
import type { Authenticate } from '../auth/authenticate.ts';
import type { Runner } from '../db/database.ts';
import { type RecordState, forgetContent, linkedPairs, linkedSize, logFile, recordById, recordsById } from '../db/files.ts';
import { HttpError } from '../error-answer.ts';
import { byteRange } from './file-range.ts';
import { type FileDependencies, type Sending, takePart, uploadState } from './uploads.ts';

interface FileAddress {
  readonly record: string;
  readonly sha256: string;
}
const HASH = /^[0-9a-f]{64}$/;

/** The same for a record that is not there, that the caller may not see, and that names another file. */
const notFound = (): HttpError => new HttpError(404, 'file_not_found', 'There is no such file, or it is not yours to see.');

/** The record at this address with the file it names. Throws 404 unless `may` says yes. */
async function recordAt(
  { rules, names }: FileDependencies,
  records: Runner,
  { record: id, sha256 }: FileAddress,
  may: (record: RecordState) => boolean,
): Promise<NamedFile> {
  if (!HASH.test(sha256) || id.length > 60) throw notFound();
  const record = await recordById(records, names.collection, id);
  if (!record || !may(record)) throw notFound();
  const file = rules.named(record.doc);
  if (file.sha256 !== sha256) throw notFound();
  return file;
}

const ASCII = /[^ !#$&+\-.0-9A-Z^_`a-z|~()]/g;
/** RFC 6266: a plain name for old clients, the real one in UTF-8. Never shown inside a page. */
const disposition = (name: string): string =>
  `attachment; filename="${name.replace(ASCII, '_')}"; filename*=UTF-8''${encodeURIComponent(name.replace(/\p{Surrogate}/gu, '_')).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)}`;

async function sendContent(
  dependencies: FileDependencies,
  address: FileAddress,
  file: NamedFile,
  request: FastifyRequest,
  reply: FastifyReply,
) {
  const { db, store } = dependencies;
  const size = await linkedSize(db, address.record, file.sha256);
  if (size === undefined)
    throw new HttpError(404, 'file_not_sent', `"${file.name}" has not been sent yet by the device on which it was added. Try again later.`);
  const etag = `"${file.sha256}"`;
  const ifRange = request.headers['if-range'];
  const asked = ifRange === undefined || ifRange === etag ? byteRange(request.headers.range, size) : 'whole';
  void reply.headers({
    'accept-ranges': 'bytes',
    'cache-control': 'private, no-store',
    'content-disposition': disposition(file.name),
    'content-security-policy': "default-src 'none'; sandbox",
    'content-type': file.mime,
    'x-content-type-options': 'nosniff',
    etag,
  });
  if (asked === 'unsatisfiable') {
    void reply.header('content-range', `bytes */${size}`);
    throw new HttpError(416, 'bad_range', `The file has ${size} bytes.`);
  }
  const { from, to } = asked === 'whole' ? { from: 0, to: size - 1 } : asked;
  const content = await store.read(file.sha256, from, to);
  if (!content) {
    // Somebody removed it behind our back. Forgotten, it is asked for again from the devices that hold it.
    await forgetContent(db, file.sha256);
    await logFile(db, { what: 'lost', sha256: file.sha256, recordId: address.record, size });
    dependencies.log.error({ sha256: file.sha256, size }, 'a content is missing in the file store');
    throw new HttpError(
      404,
      'file_not_sent',
      `"${file.name}" is missing on the server. It comes back when a device that holds it connects.`,
    );
  }
  content.on('error', (err: Error) => request.log.error({ err, sha256: file.sha256 }, 'a content could not be read to its end'));
  if (asked !== 'whole') void reply.status(206).header('content-range', `bytes ${from}-${to}/${size}`);
  void reply.header('content-length', String(to - from + 1));
  return reply.send(content);
}

/** A whole number of bytes from the query or a header. */
function bytesOf(field: string, value: unknown, most: number): number {
  const bytes = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
  if (Number.isNaN(bytes)) throw new HttpError(400, 'bad_query', `${field} must be a whole number of bytes.`, { field });
  if (bytes > most) throw new HttpError(413, 'part_too_large', `${field} may be at most ${most}.`, { field });
  return bytes;
}

export function fileRoutes(app: FastifyInstance, dependencies: FileDependencies, authenticate: Authenticate): void {
  const { db, names, rules, rightsOf } = dependencies;
  const readable = async (request: FastifyRequest<{ Params: FileAddress }>): Promise<NamedFile> => {
    const { records, mayRead } = await rightsOf(await authenticate(request));
    return recordAt(dependencies, records, request.params, (record) => !record.deleted && mayRead(record));
  };
  /** A tombstone's file may be sent: the record may come back from the trash. */
  const sendable = async (request: FastifyRequest<{ Params: FileAddress }>): Promise<Sending> => {
    const caller = await authenticate(request);
    const { records, maySend } = await rightsOf(caller);
    const file = await recordAt(dependencies, records, request.params, maySend);
    if (file.size > rules.bytesMax) throw new HttpError(422, 'too_large', `"${file.name}" is larger than ${rules.bytesMax} bytes.`);
    return { recordId: request.params.record, file, caller };
  };
  // A part stays a stream: it goes to the file store as it comes. Only these routes take such bodies.
  app.addContentTypeParser('application/octet-stream', (_request, payload, done) => done(null, payload));

  app.get<{ Params: FileAddress }>('/files/:record/:sha256', { config: { access: 'records' } }, async (request, reply) =>
    sendContent(dependencies, request.params, await readable(request), request, reply),
  );

  app.get<{ Params: FileAddress }>(
    '/files/:record/:sha256/upload',
    { config: { access: 'records' } },
    async (request, reply): Promise<UploadAnswer> => {
      void reply.header('cache-control', 'no-store');
      return uploadState(dependencies, await sendable(request));
    },
  );

  app.patch<{ Params: FileAddress; Querystring: { from?: string }; Body: unknown }>(
    '/files/:record/:sha256/upload',
    // The bytes stay a stream, which no schema judges; their number and hash are.
    { config: { access: 'records' }, bodyLimit: UPLOAD_PART_BYTES_MAX, schema: { querystring: UploadQuery, body: {} } },
    async (request): Promise<UploadAnswer> => {
      const sending = await sendable(request);
      const from = bytesOf('from', request.query.from, rules.bytesMax);
      const length = bytesOf('content-length', request.headers['content-length'], UPLOAD_PART_BYTES_MAX);
      if (length === 0) throw new HttpError(400, 'bad_content_length', 'A part has at least one byte.', { field: 'content-length' });
      if (!(request.body instanceof Readable))
        throw new HttpError(
          415,
          'unsupported_media_type',
          'Send the part as bytes, with the header Content-Type: application/octet-stream.',
        );
      return takePart(dependencies, sending, { from, length, bytes: request.body });
    },
  );

  app.post<{ Body: FilesAskedBody }>(
    '/files/missing',
    { config: { access: 'records' }, schema: { body: FilesAskedBody } },
    async (request): Promise<FilesMissingAnswer> => {
      const { records, mayRead } = await rightsOf(await authenticate(request));
      const mine = (await recordsById(records, names.collection, request.body.ids)).filter(mayRead);
      const files = mine.map((record) => ({ id: record.id, sha256: rules.named(record.doc).sha256 }));
      const linked = await linkedPairs(
        db,
        files.map(({ id }) => id),
        files.map(({ sha256 }) => sha256),
      );
      return { missing: files.filter(({ id, sha256 }) => !linked.has(`${id} ${sha256}`)).map(({ id }) => id) };
    },
  );
}
