package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"stagedoor/transport/config"
	"stagedoor/transport/server"
)

func serveCommand() *cobra.Command {
	var file, listen string
	c := &cobra.Command{
		Use:   "serve",
		Short: "Run the server",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := config.Load(file, os.Environ())
			if err != nil {
				return err
			}
			if listen != "" {
				cfg.Listen = listen
			}
			return serve(c.Context(), cfg, c.OutOrStdout(), c.ErrOrStderr())
		},
	}
	c.Flags().StringVar(&file, "config", "", "the configuration, a YAML file")
	c.Flags().StringVar(&listen, "listen", "", "host:port to listen on, instead of the configured one")
	return c
}

// serve runs a server until the context ends, then lets what is under way finish.
func serve(ctx context.Context, cfg config.Config, out, errs io.Writer) error {
	log := logger(cfg, errs)
	server.LogRedis(log)
	listener, err := net.Listen("tcp", cfg.Listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w; is another server running there?", cfg.Listen, err)
	}
	defer listener.Close()
	// The port that was really taken is part of the public URL where none is configured.
	cfg.Listen = listener.Addr().String()
	if err := cfg.Validate(); err != nil {
		return err
	}
	memory := newMemory()
	s, err := server.Open(ctx, cfg, server.Options{Log: log})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "stagedoor listens on %s\n", listening(cfg))
	for _, note := range cfg.Notes() {
		fmt.Fprintf(out, "  %s\n", note)
	}
	watched, stop := context.WithCancel(ctx)
	defer stop()
	go memory.run(watched)
	l := cfg.Limits
	web := &http.Server{
		Handler:           s,
		ReadHeaderTimeout: l.ReadHeaderTimeout.Duration(),
		ReadTimeout:       l.ReadTimeout.Duration(),
		WriteTimeout:      l.WriteTimeout.Duration(),
		IdleTimeout:       l.IdleTimeout.Duration(),
		MaxHeaderBytes:    l.HeaderBytes,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	served := make(chan error, 1)
	go func() { served <- web.Serve(listener) }()
	delay := l.ShutdownDelay.Duration()
	select {
	case err = <-served:
		delay = 0
	case <-ctx.Done():
	}
	return errors.Join(err, leave(ctx, s, web, delay, l.ShutdownTimeout.Duration(), log))
}

// leave ends a server so that nobody notices who has another one to go to: balancers are told
// first, then nothing new is taken, then what is under way ends.
func leave(ctx context.Context, s *server.Server, web *http.Server, delay, timeout time.Duration, log *slog.Logger) error {
	if delay > 0 {
		log.Info("shutting down; /readyz says so, and requests are served for a while yet", slog.Duration("delay", delay))
		s.Leave()
		time.Sleep(delay)
	}
	log.Info("shutting down; requests under way finish first")
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), timeout)
	defer cancel()
	// The listener goes before requests are refused: a balancer tries one that was never
	// taken elsewhere, and passes a 503 on.
	return errors.Join(web.Shutdown(end), s.Close(end))
}

// listening says where the server is, and under which URL it is known where that is another.
func listening(c config.Config) string {
	at := "http://" + c.Listen
	switch local := "http://127.0.0.1:"; {
	case c.PublicURL == "", c.Origin() == at, strings.Replace(c.Origin(), "http://localhost:", local, 1) == at:
		return c.Origin()
	}
	return at + ", known as " + c.Origin()
}

// logger writes as the configuration says.
func logger(c config.Config, w io.Writer) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.Log.Level)); err != nil {
		level = slog.LevelInfo
	}
	options := &slog.HandlerOptions{Level: level, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Value.Kind() == slog.KindDuration {
			a.Value = slog.StringValue(a.Value.Duration().Round(time.Microsecond).String())
		}
		return a
	}}
	if c.Log.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}
