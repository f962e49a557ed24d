package org.tutti.node.events;

import java.lang.System.Logger.Level;

/// Where an event stands in a log.
///
/// @param logger the part of the node that it is about
/// @param level how much it matters to whoever runs the node: a warning is worth a look, an error
///   needs somebody
public record EventPlace(String logger, Level level) {
    private static final String NODE = "org.tutti.node";
    private static final String MEMBERS = NODE + ".members";
    private static final String CHAIN = NODE + ".chain";
    private static final String COINS = NODE + ".coins";
    private static final String SESSIONS = NODE + ".sessions";
    private static final String PAYMENTS = NODE + ".payments";
    private static final String REQUESTS = NODE + ".requests";
    private static final String JOURNAL = NODE + ".journal";

    /// The place of this event.
    public static EventPlace of(NodeEvent event) {
        return switch (event) {
            case NodeEvent.Started _,
                    NodeEvent.Listening _,
                    NodeEvent.Reloaded _,
                    NodeEvent.Stopped _ ->
                    info(NODE);
            case NodeEvent.ReloadFailed _, NodeEvent.ClockStepped _, NodeEvent.EventsDropped _ ->
                    warning(NODE);
            case NodeEvent.Failed _ -> error(NODE);
            case NodeEvent.OfGroup e -> of(e.event());
            case NodeEvent.Log e -> new EventPlace(e.logger(), level(e.level()));

            case NodeEvent.Agreed _,
                    NodeEvent.CopyGone _,
                    NodeEvent.PeerConnected _,
                    NodeEvent.AllMembersConnected _ ->
                    info(MEMBERS);
            case NodeEvent.PeerLost _, NodeEvent.InboundRefused _, NodeEvent.Dropped _ ->
                    warning(MEMBERS);
            case NodeEvent.AddressDiffers _, NodeEvent.GroupDiffers _, NodeEvent.CopyFound _ ->
                    error(MEMBERS);

            case NodeEvent.BitcoinPeerConnected _,
                    NodeEvent.Tip _,
                    NodeEvent.ChainProgress _,
                    NodeEvent.ChainFreed _ ->
                    info(CHAIN);
            case NodeEvent.BitcoinPeerLost _, NodeEvent.ChainHeldBack _ -> warning(CHAIN);
            case NodeEvent.UtxoReceived _, NodeEvent.UtxoChanged _, NodeEvent.RequestCoin _ ->
                    info(COINS);

            case NodeEvent.Resumed _,
                    NodeEvent.Announced _,
                    NodeEvent.RequestReceived _,
                    NodeEvent.Ready _,
                    NodeEvent.AttemptStarted _,
                    NodeEvent.Nonces _,
                    NodeEvent.Partials _,
                    NodeEvent.Signed _ ->
                    info(SESSIONS);
            case NodeEvent.Refused _, NodeEvent.Aborted _, NodeEvent.AttemptFailed _ ->
                    warning(SESSIONS);

            case NodeEvent.Checked _,
                    NodeEvent.Broadcast _,
                    NodeEvent.BroadcastAccepted _,
                    NodeEvent.BroadcastSeen _,
                    NodeEvent.Confirmed _ ->
                    info(PAYMENTS);
            case NodeEvent.BroadcastUnseen _,
                    NodeEvent.BroadcastDropped _,
                    NodeEvent.BroadcastRefused _,
                    NodeEvent.Unconfirmed _ ->
                    warning(PAYMENTS);
            case NodeEvent.CheckFailed _ -> error(PAYMENTS);

            case NodeEvent.SignerAdvertised _,
                    NodeEvent.SignerDiscovered _,
                    NodeEvent.SignerUpdated _,
                    NodeEvent.SignerWithdrawn _,
                    NodeEvent.SignerUnavailable _ ->
                    info(REQUESTS);
            case NodeEvent.RequestCreated _,
                    NodeEvent.RequestArrived _,
                    NodeEvent.RequestJoined _,
                    NodeEvent.GroupProposed _,
                    NodeEvent.GroupConsented _,
                    NodeEvent.GroupFormed _,
                    NodeEvent.GroupLeft _,
                    NodeEvent.ParticipantConnected _,
                    NodeEvent.ParticipantDisconnected _,
                    NodeEvent.SessionReady _,
                    NodeEvent.SessionCreated _,
                    NodeEvent.SessionJoined _,
                    NodeEvent.StepNeeded _,
                    NodeEvent.PeerBlocked _,
                    NodeEvent.Round1Complete _,
                    NodeEvent.Round2Complete _,
                    NodeEvent.Finalized _,
                    NodeEvent.ShouldBroadcast _,
                    NodeEvent.TransactionIncomplete _,
                    NodeEvent.TransactionSettled _,
                    NodeEvent.BroadcastConfirmed _,
                    NodeEvent.SessionClosed _ ->
                    info(REQUESTS);
            case NodeEvent.ApprovalNeeded _,
                    NodeEvent.RequestRefused _,
                    NodeEvent.RequestWithdrawn _,
                    NodeEvent.RequestExpired _,
                    NodeEvent.GroupFailed _,
                    NodeEvent.GroupUnusable _,
                    NodeEvent.SignerLate _,
                    NodeEvent.TransactionConflicted _,
                    NodeEvent.SessionAborted _ ->
                    warning(REQUESTS);

            case NodeEvent.RecoveryAccepted _, NodeEvent.Recovered _ -> info(JOURNAL);
            case NodeEvent.JournalMissing _,
                    NodeEvent.JournalNotCompacted _,
                    NodeEvent.RecoveryAsked _,
                    NodeEvent.NobodyRemembers _ ->
                    warning(JOURNAL);
            case NodeEvent.JournalWentBack _, NodeEvent.JournalFailed _ -> error(JOURNAL);
        };
    }

    /// The level with this name of a log: `warn` is `WARNING`.
    ///
    /// @throws IllegalArgumentException if there is none
    public static Level level(String name) {
        return switch (name) {
            case "error" -> Level.ERROR;
            case "warn" -> Level.WARNING;
            case "info" -> Level.INFO;
            case "debug" -> Level.DEBUG;
            case "trace" -> Level.TRACE;
            case "off" -> Level.OFF;
            default ->
                    throw new IllegalArgumentException(
                            "not one of error, warn, info, debug, trace, off");
        };
    }

    private static EventPlace info(String logger) {
        return new EventPlace(logger, Level.INFO);
    }

    private static EventPlace warning(String logger) {
        return new EventPlace(logger, Level.WARNING);
    }

    private static EventPlace error(String logger) {
        return new EventPlace(logger, Level.ERROR);
    }
}
