/** Part of every secret that a test makes up. n8n wants a capital letter and a digit in passwords. */
exports.mark = 'Planted5ecret';
