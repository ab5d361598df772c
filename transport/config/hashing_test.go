package config

import "testing"

func TestFaultsOfCosts(t *testing.T) {
	const age = "; a time in seconds above 0, such as 900 or 0.5"
	checkFaults(t, []faultCase{
		{func(c *Config) { c.Hashing = Hashing{} }, "password_hashing.memory_kib: out of range (got 0); from 1024 to 262144 KiB\n" +
			"password_hashing.parallelism: out of range (got 0); from 1 to 16 lanes\n" +
			"password_hashing.time: out of range (got 0); from 1 to 100 passes"},
		{func(c *Config) { c.Hashing.Time, c.Hashing.MemoryKiB = 17, 256<<10 },
			`password_hashing.time: too many passes over that much memory (got 17); memory_kib times time can be 4194304, about three seconds`},
		{func(c *Config) { c.Hashing.Slots, c.Hashing.Queue = -1, -1 }, "password_hashing.queue: out of range (got -1); from 0 to 100000 hashes\n" +
			"password_hashing.slots: out of range (got -1); from 0 to 1024 hashes, 0 being one less than the cores"},
		{func(c *Config) { c.Limits = Config{}.Limits; c.Limits.HeaderBytes = 1 }, "limits.header_bytes: out of range (got 1); from 4096 to 1048576 bytes\n" +
			"limits.idle_timeout: out of range (got 0)" + age + "\nlimits.read_header_timeout: out of range (got 0)" + age + "\n" +
			"limits.read_timeout: out of range (got 0)" + age + "\nlimits.shutdown_timeout: out of range (got 0)" + age + "\n" +
			"limits.write_timeout: out of range (got 0)" + age},
		{func(c *Config) { c.Limits.ShutdownDelay = -1 }, "limits.shutdown_delay: out of range (got -1)" + age},
	})
}
