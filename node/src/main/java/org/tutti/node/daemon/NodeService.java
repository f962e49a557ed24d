package org.tutti.node.daemon;

import org.tutti.lightclient.sync.SyncStatus;
import org.tutti.node.api.AddressInfo;
import org.tutti.node.api.AdvertOrder;
import org.tutti.node.api.AdvertWithdrawn;
import org.tutti.node.api.ApiException;
import org.tutti.node.api.ClockAccepted;
import org.tutti.node.api.ConflictAllowed;
import org.tutti.node.api.GroupExport;
import org.tutti.node.api.GroupInfo;
import org.tutti.node.api.GroupOrder;
import org.tutti.node.api.Groups;
import org.tutti.node.api.NodeApi;
import org.tutti.node.api.NodeStatus;
import org.tutti.node.api.PayRequest;
import org.tutti.node.api.PaymentResult;
import org.tutti.node.api.Payments;
import org.tutti.node.api.RecoveryAccepted;
import org.tutti.node.api.ReplaceRequest;
import org.tutti.node.api.RequestEnded;
import org.tutti.node.api.RequestInfo;
import org.tutti.node.api.RequestOrder;
import org.tutti.node.api.Requests;
import org.tutti.node.api.SessionEvents;
import org.tutti.node.api.SessionInfo;
import org.tutti.node.api.SessionWatch;
import org.tutti.node.api.Sessions;
import org.tutti.node.api.SignerInfo;
import org.tutti.node.api.SignerQuery;
import org.tutti.node.api.Signers;
import org.tutti.node.api.VouchInfo;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/// What a running node answers: what its group is asked goes to the group, what is asked about
/// requests to the coordinator, and a status has all of it.
///
/// Threads: any number at once; no state of its own.
final class NodeService implements NodeApi {
    private final Base base;
    private final Optional<GroupService> group;
    private final Optional<RequestService> requests;

    /// What every node has.
    ///
    /// @param tip the chain's end
    /// @param chain how far it is followed
    /// @param refusals how many connections and streams were refused, by reason
    /// @param secrets how well they are kept now
    record Base(
            String network,
            String peerId,
            Supplier<ChainReports.Tip> tip,
            Supplier<SyncStatus> chain,
            Supplier<Map<String, Long>> refusals,
            Supplier<NodeStatus.Secrets> secrets) {}

    NodeService(Base base, Optional<GroupService> group, Optional<RequestService> requests) {
        this.base = base;
        this.group = group;
        this.requests = requests;
    }

    private GroupService group() throws ApiException {
        return group.orElseThrow(() ->
                new ApiException(
                        "NO_GROUP",
                        "this node has no group: its configuration has no [[members]]"));
    }

    private RequestService taken() throws ApiException {
        return requests.orElseThrow(() ->
                new ApiException(
                        "NO_REQUESTS",
                        "this node takes no requests: its configuration has no [requests]"));
    }

    @Override
    public NodeStatus status() throws ApiException {
        ChainReports.Tip last = base.tip().get();
        GroupService.State state = group.map(GroupService::state).orElse(GroupService.State.NONE);
        return new NodeStatus(
                base.network(),
                state.address(),
                base.peerId(),
                last.height(),
                last.height() < 0 ? Optional.empty() : Optional.of(last.hash()),
                state.members(),
                state.recovery(),
                state.balance(),
                state.coins(),
                state.payments(),
                state.sessions(),
                requests.isPresent()
                        ? Optional.of(requests.get().requests().requests())
                        : Optional.empty(),
                state.policy(),
                base.secrets().get(),
                base.refusals().get().entrySet().stream()
                        .map(refused ->
                                new NodeStatus.Refused(refused.getKey(), refused.getValue()))
                        .toList(),
                ChainReports.chain(base.chain().get()));
    }

    @Override
    public AddressInfo address() throws ApiException {
        return group().address();
    }

    @Override
    public Payments payments() throws ApiException {
        return group().payments();
    }

    @Override
    public NodeStatus.Payment payment(String id) throws ApiException {
        return group().payment(id);
    }

    @Override
    public PaymentResult pay(PayRequest request) throws ApiException {
        return group().pay(request);
    }

    @Override
    public PaymentResult bump(ReplaceRequest request) throws ApiException {
        return group().bump(request);
    }

    @Override
    public PaymentResult cancel(ReplaceRequest request) throws ApiException {
        return group().cancel(request);
    }

    @Override
    public ClockAccepted acceptClock() throws ApiException {
        Optional<Instant> accepted = requests.map(RequestService::acceptClock);
        return accepted.isPresent() && group.isEmpty()
                ? new ClockAccepted(accepted.get().toString())
                : group().acceptClock();
    }

    @Override
    public ConflictAllowed allowConflict(String session) throws ApiException {
        return group().allowConflict(session);
    }

    @Override
    public RecoveryAccepted acceptRecovery(String peerId, String journal) throws ApiException {
        return group().acceptRecovery(peerId, journal);
    }

    @Override
    public RequestInfo createRequest(RequestOrder order) throws ApiException {
        return taken().createRequest(order);
    }

    @Override
    public Requests requests() throws ApiException {
        return taken().requests();
    }

    @Override
    public RequestInfo request(String id) throws ApiException {
        return taken().request(id);
    }

    @Override
    public RequestInfo joinRequest(String id) throws ApiException {
        return taken().joinRequest(id);
    }

    @Override
    public RequestEnded refuseRequest(String id, String reason) throws ApiException {
        return taken().refuseRequest(id, reason);
    }

    @Override
    public RequestEnded withdrawRequest(String id, String reason) throws ApiException {
        return taken().withdrawRequest(id, reason);
    }

    @Override
    public RequestEnded releaseRequest(String id) throws ApiException {
        return taken().releaseRequest(id);
    }

    @Override
    public RequestInfo startRound(String id, int round) throws ApiException {
        return taken().startRound(id, round);
    }

    @Override
    public SignerInfo advertise(AdvertOrder order) throws ApiException {
        return taken().signers().advertise(order);
    }

    @Override
    public AdvertWithdrawn withdrawAdvert() throws ApiException {
        return taken().signers().withdrawAdvert();
    }

    @Override
    public Signers findSigners(SignerQuery query) throws ApiException {
        return taken().signers().findSigners(query);
    }

    @Override
    public VouchInfo vouchFor(String key, long seconds) throws ApiException {
        return taken().signers().vouchFor(key, seconds);
    }

    @Override
    public SessionEvents signerEvents(SessionWatch watch) throws ApiException {
        return taken().signers().signerEvents(watch);
    }

    @Override
    public Sessions sessions() throws ApiException {
        return taken().sessions();
    }

    @Override
    public SessionInfo session(String id) throws ApiException {
        return taken().session(id);
    }

    @Override
    public SessionEvents sessionEvents(SessionWatch watch) throws ApiException {
        return taken().sessionEvents(watch);
    }

    @Override
    public GroupInfo proposeGroup(GroupOrder order) throws ApiException {
        return taken().groups().proposeGroup(order);
    }

    @Override
    public GroupInfo consentToGroup(String id, String policy) throws ApiException {
        return taken().groups().consentToGroup(id, policy);
    }

    @Override
    public GroupInfo refuseGroup(String id, String reason) throws ApiException {
        return taken().groups().refuseGroup(id, reason);
    }

    @Override
    public Groups groups() throws ApiException {
        return taken().groups().groups();
    }

    @Override
    public GroupInfo group(String id) throws ApiException {
        return taken().groups().group(id);
    }

    @Override
    public GroupExport exportGroup(String id) throws ApiException {
        return taken().groups().exportGroup(id);
    }
}
