using System.Management.Automation;
using PSSecureChat.Engine;

namespace PSSecureChat.Commands;

/// <summary>What -Verbose tells while -WaitFor waits.</summary>
public sealed partial class SendChatMessageCommand
{
    private bool TellsStory => MyInvocation.BoundParameters.TryGetValue("Verbose", out object? typed)
        ? typed is SwitchParameter { IsPresent: true }
        : SessionState.PSVariable.GetValue("VerbosePreference") is not (null or ActionPreference.SilentlyContinue or ActionPreference.Ignore);

    // Without -Verbose nothing is watched: waiting for a message must not cost a look at every change.
    private ChatMessage AwaitTellingStory(ChatEngine engine, ChatMessage message, Task<ChatMessage> wait)
    {
        if (!TellsStory || engine.FindPeer(message.PeerFingerprint) is not { } peer)
        {
            return AwaitOrThrow(_ => wait);
        }

        WriteVerbose($"{peer.Name} is {peer.State}{(peer.Reason is null ? "" : $": {peer.Reason}")}; waiting for message {message.Id}");
        long told = EndOfStory(engine, peer);
        while (!wait.IsCompleted)
        {
            Task change = engine.NextChange;
            told = TellStory(engine, peer, told);
            AwaitOrThrow(token => Task.WhenAny(wait, change).WaitAsync(token));
        }

        TellStory(engine, peer, told);
        ChatMessage now = AwaitOrThrow(_ => wait);
        WriteVerbose($"message {now.Id} is {now.State}");
        return now;
    }
}
