package config

// Hashing is the cost of argon2id (RFC 9106) and how many hashes run at once.
type Hashing struct {
	// MemoryKiB is the memory of one hash in KiB.
	MemoryKiB int `koanf:"memory_kib"`
	// Time is the number of passes over the memory.
	Time int `koanf:"time"`
	// Parallelism is the number of lanes of one hash.
	Parallelism int `koanf:"parallelism"`
	// Slots is how many hashes run at once; 0 is one less than the cores.
	Slots int `koanf:"slots"`
	// Queue is how many more may wait; beyond it the answer is 503.
	Queue int `koanf:"queue"`
}

// costs checks what the server may use: memory, cores, time.
func (k *checker) costs() {
	h, l := k.c.Hashing, k.c.Limits
	k.count("password_hashing.time", h.Time, 1, 100, "passes")
	k.count("password_hashing.parallelism", h.Parallelism, 1, 16, "lanes")
	k.count("password_hashing.memory_kib", h.MemoryKiB, 1024, 256<<10, "KiB")
	if h.Time <= 100 && h.MemoryKiB <= 256<<10 && h.Time*h.MemoryKiB > 4<<20 {
		k.wrong("password_hashing.time", "too many passes over that much memory", h.Time, "memory_kib times time can be 4194304, about three seconds")
	}
	k.count("password_hashing.slots", h.Slots, 0, 1024, "hashes, 0 being one less than the cores")
	k.count("password_hashing.queue", h.Queue, 0, 100000, "hashes")
	k.age("limits.read_header_timeout", l.ReadHeaderTimeout)
	k.age("limits.read_timeout", l.ReadTimeout)
	k.age("limits.write_timeout", l.WriteTimeout)
	k.age("limits.idle_timeout", l.IdleTimeout)
	if l.ShutdownDelay != 0 {
		k.age("limits.shutdown_delay", l.ShutdownDelay)
	}
	k.age("limits.shutdown_timeout", l.ShutdownTimeout)
	k.count("limits.header_bytes", l.HeaderBytes, 4<<10, 1<<20, "bytes")
}
