using System.Globalization;
using System.Management.Automation;
using PSSecureChat.Internal;
using PSSecureChat.Objects;

namespace PSSecureChat.Commands;

/// <summary>What is sent to whom, by what was typed and by what came from the pipeline: a peer, a message, a row, or something to send.</summary>
public sealed partial class SendChatMessageCommand
{
    private bool _toWasTyped;
    private bool _toIsOfTheObject;
    private bool _contentWasTyped;
    private string? _wordIsTextAt; // the server whose peers have not its name

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        _toWasTyped = MyInvocation.BoundParameters.TryGetValue(nameof(To), out object? to);
        _toIsOfTheObject = to is not string[]; // but the argument of -To { $_.Owner }, which is made of each object
        _contentWasTyped = MyInvocation.BoundParameters.ContainsKey(nameof(Message)) || MyInvocation.BoundParameters.ContainsKey(nameof(InputObject));
    }

    // False when it cannot be sent, which has been told.
    private bool TryReadOrder(ref Order order) =>
        Piped is null ? TryTakeNothing(ref order)
        : PeerObject.Of(Piped) is { } peer ? TryTakePeer(ref order, peer)
        : Piped.BaseObject is ChatTransfer transfer && _contentWasTyped && !_toWasTyped ? TryTakeTransfer(ref order, transfer)
        : MessageObject.Of(Piped) is { } message ? TryTakeMessage(ref order, message)
        : TryTakeItem(ref order, Piped);

    // Nothing came, or $null did.
    private bool TryTakeNothing(ref Order order)
    {
        if (ParameterSetName != PipedSet)
        {
            return TryTakeContent(ref order);
        }

        WriteError(ChatErrors.NothingPiped());
        return false;
    }

    private bool TryTakeTransfer(ref Order order, ChatTransfer transfer)
    {
        order.Server = transfer.Server;
        order.Other = (transfer.PeerFingerprint, transfer.Peer);
        return TryTakeContent(ref order);
    }

    private bool TryTakePeer(ref Order order, PeerObject peer)
    {
        // The one word of Get-ChatPeer | Send-ChatMessage 'hi' stands where To does.
        string? word = _toWasTyped && To.Length == 1 ? To[0] : null;
        Refuse(_contentWasTyped ? _toWasTyped : word is null, ChatErrors.PipedPeerNeedsOneText);
        order.Server = peer.Server;
        order.Other = (peer.Fingerprint, peer.Name);
        if (_contentWasTyped)
        {
            return TryTakeContent(ref order);
        }

        if (_wordIsTextAt != peer.Server)
        {
            Refuse(EngineOf(order.Server).GetPeers().Any(known => string.Equals(known.Name, word, StringComparison.OrdinalIgnoreCase)), _ => ChatErrors.PipedPeerBesidePeer(word!));
            _wordIsTextAt = peer.Server;
        }

        order.Text = word!;
        return true;
    }

    // Without a recipient typed PowerShell takes the message's own To for it, and that of a received one is ourselves.
    private bool TryTakeMessage(ref Order order, MessageObject message)
    {
        Refuse(!_toWasTyped && !_contentWasTyped && message.Direction == ChatDirection.Incoming, ChatErrors.PipedMessageNeedsTextOrRecipient);
        order.Other = _toWasTyped ? null : (message.PeerFingerprint, message.Peer);
        if (_contentWasTyped)
        {
            order.Server = message.Server;
            order.InReplyTo ??= message.Id;
            return TryTakeContent(ref order);
        }

        order.Server = _toWasTyped ? null : message.Server;
        order.Text = message.Text;
        order.Kind = message.Kind;
        order.PassesOn = true;
        return true;
    }

    private bool TryTakeItem(ref Order order, PSObject item)
    {
        Refuse(_contentWasTyped && !_toIsOfTheObject, ChatErrors.PipedObjectIsNotSent);
        if (!_toWasTyped && !TryTakeServer(ref order, item))
        {
            return false;
        }

        if (_contentWasTyped)
        {
            return TryTakeContent(ref order) && TryTakeColumns(ref order, item);
        }

        bool isRow = !SimpleValue.Is(item.BaseObject) && (!_toWasTyped || MessageRow.IsNothingElse(item));
        if (isRow && MessageRow.Text(item) is { } text)
        {
            order.Text = text;
            return TryTakeColumns(ref order, item);
        }

        if (isRow && MessageRow.LacksText(item))
        {
            WriteError(ChatErrors.RowHasNoText(item));
            return false;
        }

        return TryTakeContent(ref order);
    }

    // Who is named in a column is named at the server of its column: another server's peer of that name is another person.
    private bool TryTakeServer(ref Order order, PSObject item)
    {
        if (item.Properties[nameof(ChatMessage.PeerFingerprint)] is not null && item.Properties[nameof(ChatMessage.Direction)] is not null)
        {
            WriteError(ChatErrors.MessageCopyNotKnown(item));
            return false;
        }

        object? cell = ChosenServer is null ? MessageRow.Value(item, nameof(Server)) : null;
        switch (cell is PSObject wrapper ? wrapper.BaseObject : cell)
        {
            case ChatServer server:
                order.Server = server.Name;
                return true;
            case string { Length: > 0 } name when ServerList.Current.Find(name) is null:
                WriteFailure(ChatErrors.ServerUnknown(name), item);
                return false;
            case string { Length: > 0 } name:
                order.Server = name;
                return true;
            default:
                return true;
        }
    }

    private bool TryTakeContent(ref Order order)
    {
        if (ParameterSetName == TextSet)
        {
            order.Text = Message;
            return true;
        }

        object whole = _contentWasTyped ? InputObject! : Piped!;
        object plain = whole is PSObject wrapper ? wrapper.BaseObject : whole;
        if (SimpleValue.Is(plain))
        {
            order.Text = plain as string ?? LanguagePrimitives.ConvertTo<string>(plain);
            return true;
        }

        try
        {
            order.Text = ObjectWriter.Write(whole, Depth, StopToken);
            order.Kind = ChatMessageKind.Object;
            return true;
        }
        catch (ChatException failure)
        {
            WriteFailure(failure, whole);
            return false;
        }
        catch (OperationCanceledException) when (StopToken.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
    }

    private bool TryTakeColumns(ref Order order, PSObject row)
    {
        // A parameter goes before a column, whatever stands there.
        return (order.InReplyTo is not null || TryColumn(row, nameof(InReplyTo), out order.InReplyTo))
            && (order.ExpiresIn is not null || TryColumn(row, nameof(ExpiresIn), out order.ExpiresIn));
    }

    // By hand, and of rows alone: any object may be sent whole, and what it has under such a name need not be a time.
    private bool TryColumn<T>(PSObject row, string column, out T? value)
        where T : struct
    {
        value = null;
        object? cell = MessageRow.Value(row, column);
        if (cell is null or "" or PSObject { BaseObject: "" })
        {
            return true;
        }

        if (!DurationTransformationAttribute.IsBareNumber(cell) && LanguagePrimitives.TryConvertTo(MessageObject.Of(cell)?.Id ?? cell, CultureInfo.InvariantCulture, out T converted))
        {
            value = converted;
            return true;
        }

        WriteError(ChatErrors.ColumnNotUsable(column, cell, row));
        return false;
    }

    private void Refuse(bool isWrong, Func<object?, ErrorRecord> record)
    {
        if (isWrong)
        {
            ThrowTerminatingError(record(Piped));
        }
    }

    /// <summary>One text on its way: to whom, when that is not what To says, and by which server, when the newest is not meant.</summary>
    private struct Order
    {
        public string? Server;
        public (string Fingerprint, string Name)? Other;
        public string Text;
        public ChatMessageKind Kind;
        public Guid? InReplyTo;
        public TimeSpan? ExpiresIn;
        public bool PassesOn;
    }
}
