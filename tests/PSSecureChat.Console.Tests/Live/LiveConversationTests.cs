using System.Globalization;
using System.Text.RegularExpressions;

namespace PSSecureChat.Terminal.Tests.Live;

/// <summary>Enter-ChatConversation in the console.</summary>
public class LiveConversationTests
{
    [Fact]
    public void Two_people_talk_at_a_terminal_and_leaving_leaves_nothing_behind()
    {
        Assert.SkipUnless(TerminalProcess.IsPossible, "There is no terminal to be had.");
        using ConsoleProcess bob = ConsoleProcess.AtPrompt("bob", out int port);
        using TerminalProcess ana = new();
        ana.WaitFor("chat> ");
        ana.Type("init 127.0.0.1 0 ana -Ephemeral\r");
        ana.WaitFor("Now listening on");
        ana.WaitFor("chat> ");
        ana.Type($"conn 127.0.0.1 {port.ToString(CultureInfo.InvariantCulture)}\r");
        ana.WaitFor("Now connected to bob");
        ana.WaitFor("chat> ");
        ana.Type("Enter-ChatConversation bob\r");
        ana.WaitFor("\u001b[?2004h");
        ana.WaitFor("bob: connected");

        // What is typed is sent, and told as delivered where it stands.
        ana.Type("hello bob, 日本\r");
        ana.WaitFor("hello bob, 日本");
        ana.WaitFor("(delivered)");
        bob.WaitFor("^ana: hello bob, 日本$");

        // What comes is shown while something is being typed, once, and steers nothing.
        ana.Type("half");
        ana.WaitFor("> half");
        bob.Type("Send-ChatMessage ana ('answer ' + [char]27 + '[2Jto you')");
        ana.WaitFor("answer \u241B[2Jto you");
        ana.WaitFor("> half");

        // A paste of several lines is one text.
        ana.Type("\u001b[200~ of it\rand the rest\u001b[201~");
        ana.WaitFor("and the rest");
        ana.Type("\r");
        bob.WaitFor("^ana: half of it$");
        bob.WaitFor("^    and the rest$");

        // A peer that leaves is shown, and what is typed then waits.
        bob.Type("Disconnect-ChatPeer ana");
        ana.WaitFor("bob: not connected");
        ana.Type("later\r");
        ana.WaitFor("later");
        ana.WaitFor("(queued)");

        ana.Type("\u0003");
        ana.WaitFor("\u001b[?25h");
        ana.WaitFor("\u001b[?2004l");
        string after = ana.WaitFor("chat> ");
        Assert.DoesNotContain("answer", after, StringComparison.Ordinal); // no notice of what was seen
        ana.Type("\"control $([Console]::TreatControlCAsInput), events $(@(Get-EventSubscriber -ErrorAction Ignore).Count)\"\r");
        ana.WaitFor("control False, events 0");
        ana.WaitFor("chat> ");
        ana.Type("(Get-ChatInbox -Unread | ForEach-Object Text).Count\r");
        ana.WaitFor("\n0");
        ana.Type("exit\r");
        Assert.Equal(0, ana.WaitForExit());
    }

    [Fact]
    public void Without_a_terminal_it_is_an_error_that_says_what_to_use_instead()
    {
        using ConsoleProcess bob = ConsoleProcess.AtPrompt("bob", out int port);
        using ConsoleProcess ana = ConsoleProcess.AtPrompt("ana", out _);
        ana.Type($"conn 127.0.0.1 {port.ToString(CultureInfo.InvariantCulture)}");
        ana.WaitFor("Now connected to bob");
        ana.Type("Enter-ChatConversation bob");
        ana.WaitFor("needs a person at a terminal, and here the input of the process is redirected");
        ana.WaitFor(Regex.Escape("Receive-ChatMessage -Wait"));
    }
}
