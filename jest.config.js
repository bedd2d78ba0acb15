const { availableParallelism } = require('node:os');

/** Tests against a real n8n: one file at a time, since each starts servers of its own. */
const serial = {
	runner: '<rootDir>/toolchain/jest-serial-runner.js',
	// Jest knows no time-out of a single project.
	setupFilesAfterEnv: ['<rootDir>/toolchain/jest-long-timeout.js'],
};

const project = (displayName, folders, options = {}) => ({
	displayName,
	testMatch: folders.map((folder) => `<rootDir>/test/${folder}/**/*.test.ts`),
	testEnvironment: 'node',
	// What `npm start` and `npm run stack` leave holds packages of n8n's.
	modulePathIgnorePatterns: ['<rootDir>/\\.bulwark'],
	transform: {
		'\\.lua$': '<rootDir>/toolchain/jest-text.js',
		'\\.ts$': [
			'@swc/jest',
			{
				jsc: { parser: { syntax: 'typescript' }, target: 'es2024' },
				module: { type: 'commonjs' },
				sourceMaps: 'inline',
			},
		],
	},
	...options,
});

/** @type {import('jest').Config} */
module.exports = {
	testTimeout: 60_000,
	// Tests wait for servers as much as they compute.
	maxWorkers: Math.max(2, availableParallelism() - 1),
	reporters: ['default', '<rootDir>/toolchain/jest-secret-reporter.js'],
	projects: [
		project('unit', ['core', 'adapters', 'scripts', 'bench', 'support']),
		project('nodes', ['nodes']),
		project('workflows', ['workflows'], serial),
		project('e2e', ['e2e'], {
			...serial,
			globalSetup: '<rootDir>/test/support/early-n8n/begin.ts',
			globalTeardown: '<rootDir>/test/support/early-n8n/end.ts',
		}),
	],
};
