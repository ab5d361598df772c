// Package server is stagedoor put together, for programs that embed it: one configuration,
// one handler. It is where parts meet; every other package is handed its own.
//
//	auth, err := server.Open(ctx, config.Dev(), server.Options{})
//	if err != nil {
//		log.Fatal(err)
//	}
//	for _, pattern := range auth.Mounts() {
//		http.Handle(pattern, auth)
//	}
//	http.Handle("/hello", auth.RequireUser(hello))
//	log.Fatal(http.ListenAndServe("127.0.0.1:8080", nil))
//
// [Open] proves the flows before it opens anything, and refuses to start on one that has
// a way around what its rules demand. [Server.RequireUser], [Server.RequireMFA] and
// [Server.RequireRecent] guard a program's own routes, [UserOf] says who came through, and
// [Server.CORS] opens them for pages of other origins.
//
// [Options] bring what is a program's own: stages and flows ([Options].Extend, made of
// [Parts]), the words of their messages, senders, stores ([Stores]), and a hook that is called
// with every [Event]. [Server.Close] lets requests under way and messages being sent end.
//
// A request goes
//
//	Drain -> Front -> CORS -> mux -> headless (/_allauth/...) or rest (/auth/...)
//
// or, where serve.pages or dev.enabled is on, to the app at / and below /account. In
// development the inspector stands beside it, with the mailbox. Beside requests run the sending of
// messages, the passing on of changed accounts to their sessions, and an hourly sweep.
package server
