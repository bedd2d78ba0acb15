/**
 * Lets Node run all of this repository's TypeScript, which imports without extensions, uses
 * parameter properties and imports Lua as text: `node --import ./toolchain/typescript.mjs bench/main.ts`.
 * What `npm start` runs does without it, by Node's own type stripping.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire, registerHooks } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { transformSync } from 'esbuild';

const ENDINGS = ['.ts', '/index.ts'];

// Its ES modules import each other without endings, which Node does not accept; its CommonJS ones work.
const n8nWorkflow = pathToFileURL(createRequire(import.meta.url).resolve('n8n-workflow')).href;

registerHooks({
	resolve(specifier, context, nextResolve) {
		if (specifier === 'n8n-workflow') return nextResolve(n8nWorkflow, context);
		if (specifier.startsWith('.') && context.parentURL?.endsWith('.ts')) {
			for (const ending of ENDINGS) {
				const candidate = new URL(specifier + ending, context.parentURL);
				if (existsSync(candidate)) return nextResolve(candidate.href, context);
			}
		}
		return nextResolve(specifier, context);
	},
	load(url, context, nextLoad) {
		if (url.startsWith('file:') && url.endsWith('.lua')) {
			const text = JSON.stringify(readFileSync(fileURLToPath(url), 'utf8'));
			return { format: 'module', source: `export default ${text};`, shortCircuit: true };
		}
		if (!url.startsWith('file:') || !url.endsWith('.ts')) return nextLoad(url, context);
		const sourcefile = fileURLToPath(url);
		const { code } = transformSync(readFileSync(sourcefile, 'utf8'), {
			loader: 'ts',
			format: 'esm',
			target: 'node24',
			sourcemap: 'inline',
			sourcefile,
		});
		return { format: 'module', source: code, shortCircuit: true };
	},
});
