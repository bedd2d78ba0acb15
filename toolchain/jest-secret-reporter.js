const { mark } = require('./secret-mark.js');

/** Fails a run in which something printed a secret that a test has made up, or raised it in an error. */
module.exports = class SecretReporter {
	onTestResult({ path }, { console: printed, failureMessage }) {
		const written = [failureMessage, ...(printed ?? []).map(({ message }) => message)];
		if (written.some((text) => text?.includes(mark)))
			this.error = new Error(`A planted secret is in what the tests of ${path} have written`);
	}

	getLastError() {
		return this.error;
	}
};
