/** The part of s3rver that the tests use; the package brings no types. */
declare module 's3rver' {
  interface S3rverOptions {
    readonly address: string;
    readonly port: number;
    readonly silent: boolean;
    readonly directory: string;
    readonly vhostBuckets: boolean;
    readonly configureBuckets: readonly { readonly name: string }[];
  }
  export default class S3rver {
    constructor(options: S3rverOptions);
    /** Listens; answers where. */
    run(): Promise<{ readonly port: number }>;
    close(): Promise<void>;
  }
}
