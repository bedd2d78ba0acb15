const { availableParallelism } = require('node:os');

/** Tests against a real n8n. Jest knows no time-out of a single project. */
const withN8n = { setupFilesAfterEnv: ['<rootDir>/toolchain/jest-long-timeout.js'] };

const swc = [
	'@swc/jest',
	{
		jsc: { parser: { syntax: 'typescript' }, target: 'es2024' },
		module: { type: 'commonjs' },
		sourceMaps: 'inline',
	},
];

const project = (displayName, folders, options = {}) => ({
	displayName,
	testMatch: folders.map((folder) => `<rootDir>/test/${folder}/**/*.test.ts`),
	testEnvironment: 'node',
	runner: '<rootDir>/toolchain/jest-runner.js',
	// What `npm start` and `npm run stack` leave holds packages of n8n's.
	modulePathIgnorePatterns: ['<rootDir>/\\.bulwark'],
	transform: {
		'\\.lua$': '<rootDir>/toolchain/jest-text.js',
		'\\.ts$': swc,
		// Comes as ECMAScript modules only, which jest cannot load by `require`.
		'/node_modules/jose/.*\\.js$': swc,
	},
	transformIgnorePatterns: ['/node_modules/(?!jose/)'],
	...options,
});

const early = {
	globalSetup: '<rootDir>/test/support/early-n8n/begin.ts',
	globalTeardown: '<rootDir>/test/support/early-n8n/end.ts',
};

/** Tests that take too long for every run: those of `npm run test:long`. */
const long = process.env.BULWARK_LONG ? [project('long', ['long'], { ...withN8n, ...early })] : [];

/** @type {import('jest').Config} */
module.exports = {
	testTimeout: 60_000,
	// Tests wait for servers as much as they compute.
	maxWorkers: Math.max(2, availableParallelism() - 1),
	// In ms. For 2 s after the last of them is closed ioredis keeps a timer for each connection to a sentinel.
	workerGracefulExitTimeout: 3_000,
	reporters: ['default', '<rootDir>/toolchain/jest-secret-reporter.js'],
	projects: [
		project('unit', ['core', 'adapters', 'mcp-server', 'scripts', 'bench', 'support']),
		project('nodes', ['nodes']),
		project('workflows', ['workflows'], withN8n),
		project('e2e', ['e2e'], { ...withN8n, ...early }),
		project('load', ['load'], withN8n),
		...long,
	],
};
