/** @type {import('prettier').Config} */
export default {
	useTabs: true,
	singleQuote: true,
	printWidth: 100,
	trailingComma: 'all',
	overrides: [{ files: ['*.yml', '*.yaml'], options: { useTabs: false, tabWidth: 2 } }],
};
