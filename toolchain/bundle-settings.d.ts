import type { BuildOptions } from 'esbuild';

declare const settings: BuildOptions;
export default settings;
