const { execFile } = require('node:child_process');
const { existsSync } = require('node:fs');
const { chmod, mkdir, readFile, readdir, rm, writeFile } = require('node:fs/promises');
const path = require('node:path');
const { promisify } = require('node:util');
const esbuild = require('esbuild');
const { dest, parallel, series, src } = require('gulp');
const manifest = require('./package.json');
const bundleSettings = require('./toolchain/bundle-settings');

const run = promisify(execFile);
const DIST = path.join(__dirname, 'dist');
const RUNTIME = path.join(DIST, 'nodes', 'runtime.js');
const MCP_SERVER = path.join(DIST, 'mcp-server', 'main.js');
const MAX_PACKED_BYTES = 3 * 1024 * 1024;

/** Runs a JavaScript tool; what it says on its standard output becomes the error. */
async function node(...args) {
	try {
		return await run(process.execPath, args, { cwd: __dirname });
	} catch (error) {
		throw new Error(error.stdout || error.message, { cause: error });
	}
}

const clean = () => rm(DIST, { recursive: true, force: true });

const types = () => node(require.resolve('typescript/bin/tsc'), '-p', 'tsconfig.build.json');

const icons = parallel(
	() => src('nodes/*/*.{svg,png}', { encoding: false }).pipe(dest('dist/nodes')),
	() => src('credentials/*.svg', { encoding: false }).pipe(dest('dist/credentials')),
);

const codex = () => src('nodes/*/*.node.json').pipe(dest('dist/nodes'));

const bundle = (settings) =>
	esbuild.build({ ...bundleSettings, metafile: true, absWorkingDir: __dirname, ...settings });

/** One bundle for all nodes, so that they share one in-process store and one set of connections; one for the server. */
async function bundles() {
	const parts = await Promise.all([
		bundle({ entryPoints: ['nodes/runtime.ts'], outfile: RUNTIME }),
		bundle({
			entryPoints: ['mcp-server/main.ts'],
			outfile: MCP_SERVER,
			banner: { js: '#!/usr/bin/env node' },
		}),
	]);
	const inputs = Object.assign({}, ...parts.map(({ metafile }) => metafile.inputs));
	await writeFile(path.join(DIST, 'THIRD_PARTY_LICENSES.txt'), await notices(inputs));
	await chmod(MCP_SERVER, 0o755);
}

/** The licences of all packages of which the bundle holds a part. */
async function notices(inputs) {
	const folders = new Set(
		Object.keys(inputs)
			.map((file) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1])
			.filter(Boolean),
	);
	const parts = await Promise.all(
		[...folders].sort().map(async (folder) => {
			const { name, version, license } = JSON.parse(
				await readFile(`${folder}/package.json`, 'utf8'),
			);
			const text = await licenceText(folder);
			if (!text) throw new Error(`${name}@${version} is bundled but has no licence to pass on.`);
			return `${name} ${version} (${license})\n\n${text}`;
		}),
	);
	return parts.join(`\n${'-'.repeat(80)}\n\n`);
}

/** The package's licence, from a file of its own or, in some packages, from the end of what is to be read first. */
async function licenceText(folder) {
	const files = await readdir(folder);
	const read = async (name) => {
		const file = files.find((entry) => name.test(entry));
		return file && (await readFile(`${folder}/${file}`, 'utf8'));
	};
	const readMe = async () => /^#+ licen[cs]e\s([^]*)/im.exec(await read(/^readme/i))?.[1].trim();
	return (await read(/^(licen[cs]e|copying)/i)) ?? (await readMe());
}

/** n8n finds a node's class by its file's name, and its icons and codex beside that file. */
async function nodeFiles() {
	for (const file of manifest.n8n.nodes) {
		const name = path.basename(file, '.node.js');
		await mkdir(path.join(__dirname, path.dirname(file)), { recursive: true });
		await writeFile(
			path.join(__dirname, file),
			`exports.${name} = require('../runtime').${name};\n`,
		);
	}
}

/** Credentials only describe fields, so each is a file of its own. */
const credentials = () =>
	esbuild.build({
		entryPoints: ['credentials/*.credentials.ts'],
		outdir: path.join(DIST, 'credentials'),
		...bundleSettings,
		absWorkingDir: __dirname,
	});

/** What n8n would otherwise report to a user, or leave out without a word. */
async function check() {
	const problems = [];
	for (const file of manifest.n8n.nodes) {
		const Node = require(path.join(__dirname, file))[path.basename(file, '.node.js')];
		if (!Node) {
			problems.push(`${file}: nodes/runtime.ts exports no such class.`);
			continue;
		}
		const codex = file.replace(/\.js$/, '.json');
		const { icon } = new Node().description;
		const icons = (typeof icon === 'string' ? [icon] : Object.values(icon ?? {})).map((value) =>
			path.join(path.dirname(file), value.replace(/^file:/, '')),
		);
		const missing = [codex, ...icons].filter((needed) => !existsSync(path.join(__dirname, needed)));
		problems.push(...missing.map((needed) => `${needed} is missing.`));
		if (!missing.includes(codex) && !require(path.join(__dirname, codex)).resources) {
			problems.push(`${codex} needs "resources": n8n ignores the whole file without it.`);
		}
	}
	for (const file of manifest.n8n.credentials) {
		const name = path.basename(file, '.credentials.js');
		const Credential = require(path.join(__dirname, file))[name];
		for (const icon of Object.values(new Credential().icon)) {
			const place = path.join(path.dirname(file), icon.replace(/^file:/, ''));
			if (!existsSync(path.join(__dirname, place))) problems.push(`${place} is missing.`);
		}
	}
	const { stdout } = await run('npm', ['pack', '--dry-run', '--json'], {
		cwd: __dirname,
		shell: process.platform === 'win32',
	});
	const packed = Object.values(JSON.parse(stdout))[0].size;
	if (packed > MAX_PACKED_BYTES) {
		problems.push(`The package would be ${packed} bytes; at most ${MAX_PACKED_BYTES} are allowed.`);
	}
	if (problems.length > 0) throw new Error(problems.join('\n'));
	console.log(
		`The package holds ${manifest.n8n.nodes.length} nodes in ${Math.ceil(packed / 1024)} kB.`,
	);
}

exports.build = series(
	clean,
	parallel(types, icons, codex, credentials, series(bundles, nodeFiles)),
	check,
);
exports.default = exports.build;
