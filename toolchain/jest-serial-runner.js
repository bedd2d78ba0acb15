const { default: TestRunner } = require('jest-runner');

/** Jest's own runner, one test file after another in the main process. */
module.exports = class SerialRunner extends TestRunner {
	isSerial = true;
};
