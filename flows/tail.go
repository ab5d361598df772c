package flows

import (
	"stagedoor/engine"
	"stagedoor/stages"
)

// SignIn is the tail that every way in shares: whatever the account and this server ask
// for before there is a session. A way in leads to account_due once it has bound the
// subject and proved a first factor.
func SignIn(s stages.Settings) engine.Nodes {
	nodes := engine.Nodes{
		accountDue: {Stage: stages.AccountDue(), Next: engine.Next{
			"active": codeDue, "disabled": refused,
		}},
		codeDue: {Stage: stages.CodeDue(), Next: engine.Next{
			"required": loginByCode, "not_required": phoneDue, "trusted": phoneDue, "proved": phoneDue, "unreachable": refused,
		}},
		loginByCode: {Stage: stages.LoginByCode(s), Next: engine.Next{engine.OK: phoneDue}},
		// An account that must have a number and has none is asked for it: whoever proved an
		// address first may have lost a number that somebody else named.
		phoneDue: {Stage: stages.PhoneDue(), Next: engine.Next{
			"unverified": verifyPhone, "missing": verifyPhone, "verified": emailDue, "none": emailDue, "off": emailDue,
		}},
		verifyPhone: {Stage: stages.VerifyPhone(s), Next: engine.Next{engine.OK: emailDue}},
		emailDue: {Stage: stages.EmailDue(), Next: engine.Next{
			"unverified": verifyEmail, "verified": factorDue, "optional": factorDue, "off": factorDue,
		}},
		factorDue: {Stage: stages.FactorDue(), Next: engine.Next{
			"due": mfaAuthenticate, "none": trustDue, "trusted": trustDue, "presence": trustDue, "proved": trustDue,
		}},
		mfaAuthenticate: {Stage: stages.MFAAuthenticate(), Next: engine.Next{engine.OK: trustDue}},
		trustDue: {Stage: stages.TrustDue(), Next: engine.Next{
			"offer": mfaTrust, "skip": session,
		}},
		mfaTrust: {Stage: stages.MFATrust(), Next: engine.Next{engine.OK: session}},
		session:  {Stage: stages.Session(), Rules: sessionRules()},
		refused:  {Stage: stages.Refused()},
	}
	if s.EmailByCode {
		return nodes.With(engine.Nodes{
			verifyEmail: {Stage: stages.VerifyEmailByCode(s), Next: engine.Next{engine.OK: factorDue}},
		})
	}
	return nodes.With(engine.Nodes{
		verifyEmail: {Stage: stages.VerifyEmailByLink(), Next: engine.Next{engine.OK: factorDue, "signed_out": done}},
		done:        {Stage: stages.Finished()},
	})
}

// pretending is where starts send what must not be told from success.
func pretending() engine.Nodes {
	return engine.Nodes{
		pretend: {Stage: stages.Pretend(), Next: engine.Next{engine.Spent: done}},
		done:    {Stage: stages.Finished()},
	}
}
