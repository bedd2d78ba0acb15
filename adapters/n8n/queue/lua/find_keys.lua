-- Finds names of keys on the server that has the queue.
--
-- KEYS  [1] any key of the queue
-- ARGV  [1] where to go on  [2] what the names are like  [3] how many keys to look at
-- Returns where to go on, '0' at the end, and names that were found
return redis.call('SCAN', ARGV[1], 'MATCH', ARGV[2], 'COUNT', ARGV[3])
