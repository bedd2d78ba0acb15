import eslint from '@eslint/js';
import * as n8nCommunity from '@n8n/eslint-plugin-community-nodes';
import { createNodeResolver, importX } from 'eslint-plugin-import-x';
import n8nNodesBase from 'eslint-plugin-n8n-nodes-base';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

// Bulwark keeps timers and connections, which the preset for n8n Cloud forbids.
const community = n8nCommunity.configs.recommendedWithoutN8nCloudSupport;

/** `target` may import from itself and from `except` only. */
const zone = (target, except, message) => ({
	target: `./${target}`,
	from: '.',
	except: [target, ...except].map((path) => `./${path}`),
	message,
});

export default defineConfig(
	globalIgnores(['**/dist/', '**/node_modules/', 'coverage/', '.bulwark*/']),
	{
		files: ['**/*.{ts,js,mjs}'],
		extends: [eslint.configs.recommended],
		languageOptions: { globals: { URL: false, console: false, process: false } },
	},
	{
		files: ['**/*.js'],
		languageOptions: { sourceType: 'commonjs', globals: { __dirname: false, jest: false } },
	},
	{
		files: ['**/*.ts'],
		extends: [tseslint.configs.recommended],
		plugins: { 'import-x': importX },
		languageOptions: { parserOptions: { projectService: true } },
		settings: {
			'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
			'import-x/resolver-next': [createNodeResolver({ extensions: ['.ts', '.js', '.json'] })],
		},
		rules: {
			'@typescript-eslint/await-thenable': 'error',
			'@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
			'@typescript-eslint/no-floating-promises': 'error',
			'@typescript-eslint/no-misused-promises': 'error',
			'@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
			'@typescript-eslint/switch-exhaustiveness-check': [
				'error',
				{ considerDefaultExhaustiveForUnions: true },
			],
			'import-x/no-cycle': 'error',
			'import-x/no-restricted-paths': [
				'error',
				{
					zones: [
						zone('core', ['node_modules'], 'core/ imports only itself.'),
						{
							target: './core/policies',
							from: './core/ports',
							message: 'Ports speak of policies; policies know of no ports.',
						},
						zone('adapters', ['core', 'node_modules'], 'adapters/ build on core/ only.'),
						zone(
							'nodes',
							['core', 'adapters', 'node_modules', 'package.json'],
							'nodes/ build on core/ and adapters/ only.',
						),
						zone(
							'mcp-server',
							['core', 'adapters', 'node_modules', 'package.json'],
							'mcp-server/ builds on core/ and adapters/ only.',
						),
						...['loop', 'sub-workflow'].map((way, index, ways) => ({
							target: `nodes/shared/${way}`,
							from: `nodes/shared/${ways[1 - index]}`,
							message: 'The two ways of guarding know nothing of each other.',
						})),
						zone(
							'credentials',
							['core', 'adapters', 'node_modules'],
							'credentials/ build on core/ and adapters/ only.',
						),
					],
				},
			],
		},
	},
	...[
		{ files: ['**/*.ts'], way: '(^|/)policies' },
		{ files: ['core/policies/*.ts'], way: '^\\.' },
		{ files: ['core/policies/*/**/*.ts'], way: '^\\.\\.' },
	].map(({ files, way }) => ({
		files,
		ignores: ['test/core/policies/**'],
		rules: {
			'no-restricted-imports': [
				'error',
				{
					patterns: [
						{
							regex: `${way}/(?!\\.)[^/]+/(?!index(\\.ts)?$)`,
							message: "A policy's index.ts is the only way in from outside its folder.",
						},
					],
				},
			],
		},
	})),
	{
		files: ['core/**/*.ts'],
		rules: {
			'no-restricted-globals': [
				'error',
				...['setTimeout', 'setInterval', 'setImmediate', 'process', 'fetch', 'performance'].map(
					(name) => ({ name, message: 'core/ is pure: take a port as an argument.' }),
				),
			],
			'no-restricted-properties': [
				'error',
				{ object: 'Date', property: 'now', message: 'Take a Clock as an argument.' },
				{ object: 'Math', property: 'random', message: 'Take a Random as an argument.' },
			],
			'no-restricted-syntax': [
				'error',
				{
					selector:
						':matches(NewExpression, CallExpression)[callee.name="Date"][arguments.length=0]',
					message: 'Take a Clock as an argument.',
				},
			],
			// Under this name the rule does not take the place of the one above.
			'@typescript-eslint/no-restricted-imports': [
				'error',
				{
					patterns: [
						{
							regex: '^(?!\\.|zod$|node:(util|buffer)$)',
							message: 'core/ imports only itself and zod: reach the outside through a port.',
						},
					],
				},
			],
		},
	},
	{
		// Node runs these by stripping types, which only works where types are all there is to strip.
		files: ['scripts/**/*.ts'],
		rules: {
			'@typescript-eslint/parameter-properties': 'error',
			'no-restricted-syntax': ['error', 'TSEnumDeclaration', 'TSModuleDeclaration'],
		},
	},
	{
		files: ['nodes/**/*.ts', 'credentials/**/*.ts'],
		extends: [community],
	},
	{
		files: ['nodes/**/*.ts'],
		plugins: { 'n8n-nodes-base': n8nNodesBase },
		rules: {
			...n8nNodesBase.configs.nodes.rules,
			// Ports depend on what the step guards and are computed by n8n, which these two do not know.
			'n8n-nodes-base/node-class-description-inputs-wrong-regular-node': 'off',
			'n8n-nodes-base/node-class-description-outputs-wrong': 'off',
			'n8n-nodes-base/node-param-type-options-max-value-present': 'off',
		},
	},
	{
		files: ['credentials/**/*.ts'],
		plugins: { 'n8n-nodes-base': n8nNodesBase },
		rules: {
			...n8nNodesBase.configs.credentials.rules,
			'n8n-nodes-base/cred-class-field-documentation-url-miscased': 'off',
			// It is tested by all nodes, which share the description of their credentials; the rule reads only literals.
			'@n8n/community-nodes/credential-test-required': 'off',
		},
	},
	{
		files: ['package.json'],
		extends: [community],
		plugins: { 'n8n-nodes-base': n8nNodesBase },
		languageOptions: { parser: tseslint.parser, parserOptions: { extraFileExtensions: ['.json'] } },
		rules: {
			...n8nNodesBase.configs.community.rules,
			// The package has no public address yet, neither a page nor a mailbox.
			'@n8n/community-nodes/require-homepage': 'off',
			'@n8n/community-nodes/valid-author': 'off',
		},
	},
	{
		files: ['test/**/*.ts'],
		rules: { '@typescript-eslint/no-explicit-any': 'off' },
	},
);
