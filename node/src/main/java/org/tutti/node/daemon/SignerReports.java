package org.tutti.node.daemon;

import org.tutti.coordinator.advert.AdvertEvent;
import org.tutti.coordinator.message.Advert;
import org.tutti.coordinator.message.TransactionType;
import org.tutti.node.events.NodeEvent;

import java.util.List;
import java.util.Locale;

/// Events of adverts as the node's.
final class SignerReports {
    private SignerReports() {}

    static NodeEvent of(AdvertEvent event) {
        String key = RequestReports.text(event.key());
        return switch (event) {
            case AdvertEvent.SignerAdvertised e ->
                    new NodeEvent.SignerAdvertised(
                            key,
                            types(e.advert()),
                            RequestReports.time(e.advert().header().notAfter()));
            case AdvertEvent.SignerDiscovered e ->
                    new NodeEvent.SignerDiscovered(
                            key,
                            e.advert().header().author().toString(),
                            types(e.advert()),
                            e.advert().terms().nickname(),
                            e.via().word());
            case AdvertEvent.SignerUpdated e ->
                    new NodeEvent.SignerUpdated(
                            key,
                            e.advert().header().author().toString(),
                            types(e.advert()),
                            e.advert().terms().nickname(),
                            e.via().word());
            case AdvertEvent.SignerWithdrawn _ -> new NodeEvent.SignerWithdrawn(key);
            case AdvertEvent.SignerUnavailable e ->
                    new NodeEvent.SignerUnavailable(
                            key, e.reason().name().toLowerCase(Locale.ROOT));
        };
    }

    static List<String> types(Advert advert) {
        return advert.terms().types().stream().map(TransactionType::word).toList();
    }
}
