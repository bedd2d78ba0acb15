import { buildSync } from 'esbuild';
import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import bundleSettings from '../toolchain/bundle-settings.js';

export type Bulwark = typeof import('./bulwark');

/** Bundles core and adapters with the settings of the shipped runtime, and loads the bundle. */
export function loadBulwark(): Bulwark {
	const root = join(import.meta.dirname, '..');
	const outfile = join(root, `node_modules/.cache/bulwark-bench-${process.pid}.cjs`);
	buildSync({
		...bundleSettings,
		entryPoints: [join(import.meta.dirname, 'bulwark.ts')],
		outfile,
		absWorkingDir: root,
	});
	try {
		return createRequire(import.meta.url)(outfile) as Bulwark;
	} finally {
		rmSync(outfile);
	}
}
