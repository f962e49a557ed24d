package org.tutti.libp2p.internal.swarm;

/// Whether the remote end of one connection gives signs of life. A pure engine, looked at from time
/// to time; not safe for threads.
///
/// It counts looks, not time: a process that was itself suspended looks once when it goes on, and
/// does not lose everybody at that moment.
final class Pulse {
    /// What is to be done.
    enum Action {
        NOTHING,
        PING,
        LOST
    }

    /// When to do what, counted in looks.
    ///
    /// @param pingAfter looks between two pings, if `always`; else looks without a sign of life
    /// @param lostAfter looks in a row without a sign of life
    /// @param always whether to ping a remote that gives signs of life, too
    record Rule(int pingAfter, int lostAfter, boolean always) {}

    private Rule rule;
    private long received;
    private int silent;
    private int sincePing;

    /// @param received bytes so far
    Pulse(Rule rule, long received) {
        this.rule = rule;
        this.received = received;
    }

    /// From now on by this rule; what was counted by another one counts no longer.
    void follow(Rule newRule) {
        if (!newRule.equals(rule)) {
            rule = newRule;
            silent = 0;
            sincePing = 0;
        }
    }

    /// @param nowReceived bytes so far
    Action look(long nowReceived) {
        silent = nowReceived == received ? silent + 1 : 0;
        received = nowReceived;
        sincePing++;
        if (silent >= rule.lostAfter) {
            return Action.LOST;
        }
        if ((rule.always ? sincePing : silent) < rule.pingAfter) {
            return Action.NOTHING;
        }
        sincePing = 0;
        return Action.PING;
    }
}
