package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
)

// recording is what the command line of record asks for.
type recording struct {
	url, token, out string
}

func recordCommand() *cobra.Command {
	r := recording{url: "http://localhost:8080"}
	c := &cobra.Command{
		Use:   "record [STORY|RUN]",
		Short: "List what a running server has recorded, or save one of it as a fixture to replay",
		Long: `List what a running server has recorded, or save one of it as a fixture to replay.

A server records where record.enabled or record.dir is set, and always in development. A
story is named by its number in the list, or by the id of one of its runs. A development
server is asked without a token, any other by its admin.token.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 1 {
				return r.save(c, args[0])
			}
			return r.list(c)
		},
	}
	c.Flags().StringVar(&r.url, "url", r.url, "the running server")
	c.Flags().StringVar(&r.token, "token", "", "the server's admin.token; STAGEDOOR_ADMIN__TOKEN if left out")
	c.Flags().StringVar(&r.out, "out", "", "the file to write, instead of printing it; it must not exist")
	return c
}

// ask asks for what was recorded: the operators' endpoint where there is a token, that of
// a development server where there is none.
func (r recording) ask(c *cobra.Command, path, page string) ([]byte, error) {
	if adminToken(r.token) != "" {
		return askAdmin(c.Context(), r.url, r.token, path)
	}
	at, err := serverAt(r.url)
	if err != nil {
		return nil, err
	}
	body, status, err := get(c.Context(), at.Scheme+"://"+at.Host+page, "")
	if err == nil && status != http.StatusOK {
		err = refusal(body, fmt.Errorf("%s answers %d: is it a development server? Any other wants --token", at.Host, status))
	}
	return body, err
}

// recordedStory is a story as a server lists it: its client is browser, app or rest, its
// steps are requests, its flows have what came of each.
type recordedStory struct {
	ID      string    `json:"id"`
	Started time.Time `json:"started"`
	Client  string    `json:"client"`
	Steps   int       `json:"steps"`
	Flows   []string  `json:"flows"`
}

// list prints the stories, the latest first.
func (r recording) list(c *cobra.Command) error {
	if r.out != "" {
		return errors.New("--out: name the story to save")
	}
	body, err := r.ask(c, "/stories", "/dev/stories.json")
	if err != nil {
		return err
	}
	var found struct {
		Stories []recordedStory `json:"stories"`
	}
	if err := json.Unmarshal(body, &found); err != nil {
		return fmt.Errorf("what %s answers is no list of stories: %w", r.url, err)
	}
	if len(found.Stories) == 0 {
		_, err := fmt.Fprintln(c.OutOrStdout(), "nothing is recorded yet")
		return err
	}
	w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
	for _, s := range found.Stories {
		fmt.Fprintf(w, "%s\t%s\t%s\t%d requests\t%s\n", s.ID, s.Started.Local().Format("15:04:05"), s.Client, s.Steps, strings.Join(s.Flows, ", "))
	}
	return w.Flush()
}

// save prints a story, or writes it into a file of its own.
func (r recording) save(c *cobra.Command, id string) error {
	body, err := r.ask(c, "/stories/"+url.PathEscape(id), "/dev/stories/"+url.PathEscape(id))
	if err != nil {
		return err
	}
	if r.out == "" {
		_, err := c.OutOrStdout().Write(body)
		return err
	}
	file, err := os.OpenFile(r.out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("save the story: %w", err)
	}
	if _, err = file.Write(body); err != nil {
		return errors.Join(err, file.Close(), os.Remove(r.out))
	}
	if err := file.Close(); err != nil {
		return errors.Join(err, os.Remove(r.out))
	}
	_, err = fmt.Fprintf(c.OutOrStdout(), "%s is written; stagedoor replay %s plays it\n", r.out, r.out)
	return err
}
