/** A file that is not code is imported as its text. */
module.exports = {
	process: (text) => ({
		code: `exports.__esModule = true; exports.default = ${JSON.stringify(text)};`,
	}),
};
