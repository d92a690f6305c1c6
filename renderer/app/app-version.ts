/** The version of the build, from package.json by way of vite.config.ts; the shell reports its own beside it. */
declare const __DROVER_VERSION__: string;

export const APP_VERSION: string = __DROVER_VERSION__;
