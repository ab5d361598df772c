package config

// Times is how often something may be done: a number, or true for twice.
type Times int

func (t *Times) set(raw any) error {
	if n, err := toInt(raw); err == nil {
		*t = Times(n)
		return nil
	}
	on, err := toBool(raw)
	if err != nil {
		return Fault{Problem: "must be true, false or a whole number", Hint: "true allows it twice"}
	}
	*t = 0
	if on {
		*t = 2
	}
	return nil
}

func (t *Times) plain() any { return int(*t) }
