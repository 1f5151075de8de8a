using PSSecureChat.Tests;

namespace PSSecureChat.Terminal.Tests;

/// <summary>Two people at two prompts, each in a process of their own.</summary>
public class ConversationTests
{
    [Fact]
    public void Two_consoles_converse_both_ways()
    {
        using ConsoleProcess ana = ConsoleProcess.AtPrompt("ana", out int port);
        using ConsoleProcess bob = ConsoleProcess.AtPrompt("bob", out _);
        bob.Type($"conn 127.0.0.1 {port}");
        bob.WaitFor($@"^connecting to 127\.0\.0\.1:{port}$");
        bob.WaitFor("^Now connected to ana$");
        ana.WaitFor("^Now connected to bob$");

        bob.Type("send ana it's 5 o'clock; $home (really) 😀 שלום");
        ana.WaitFor(@"^bob: it's 5 o'clock; \$home \(really\) 😀 שלום$");
        ana.Type("inbox bob");
        ana.WaitFor(@"bob.*it's 5 o'clock; \$home");

        ana.Type("send bob");
        ana.WaitFor("^Message: $");
        ana.Type("the answer");
        bob.WaitFor("^ana: the answer$");
        bob.Type("inbox");
        bob.WaitFor("ana.*the answer");

        ana.Type("exit");
        bob.EndInput();
        Assert.Equal(0, ana.WaitForExit());
        Assert.Equal(0, bob.WaitForExit());
    }

    [Fact]
    public void Who_has_not_let_us_in_is_not_called_connected_until_then()
    {
        using ConsoleProcess ana = ConsoleProcess.AtPrompt("ana", out _);
        using ConsoleProcess strict = new();
        strict.Type("'port ' + (Start-ChatServer 127.0.0.1 0 strict -Ephemeral).Port");
        string port = strict.WaitFor(@"^port (\d+)$").Groups[1].Value;

        ana.Type($"conn 127.0.0.1 {port}");
        ana.WaitFor("^strict has been asked; its user has not let us in yet$");
        ana.Type("send strict may I?");
        ana.WaitFor("^WARNING: The user of 'strict' has not let us in yet");
        Assert.DoesNotContain("Now connected to strict", ana.Transcript, StringComparison.Ordinal);

        strict.Type("Approve-ChatPeer ana");
        ana.WaitFor("^Now connected to strict$");
        strict.WaitFor(@"^ana: may I\?$");
    }

    [Fact]
    public void An_announced_message_is_still_unread()
    {
        using ConsoleProcess ana = ConsoleProcess.AtPrompt("ana", out int port);
        using ConsoleProcess bob = ConsoleProcess.AtPrompt("bob", out _);
        bob.Type($"conn 127.0.0.1 {port}");
        bob.WaitFor("^Now connected to ana$");
        bob.Type("send ana news");
        ana.WaitFor("^bob: news$");
        ana.Type("foreach ($m in Get-ChatInbox -Unread) { 'unread ' + $m.Text }");
        ana.WaitFor("^unread news$");
    }

    [Fact]
    public void A_text_of_one_mebibyte_arrives_unchanged()
    {
        using ConsoleProcess ana = ConsoleProcess.AtPrompt("ana", out int port);
        using ConsoleProcess bob = new("-Command", $$"""
            $server = Start-ChatServer 127.0.0.1 0 bob -Ephemeral
            $peer = Connect-ChatPeer 127.0.0.1 {{port}}
            (Send-ChatMessage ana ('0123456789😀ab' * 65536) -WaitFor Delivered -PassThru).State
            """);
        bob.WaitFor("^Delivered$");
        Assert.Equal(0, bob.WaitForExit());

        ana.Type("foreach ($m in Get-ChatInbox) { '{0} {1}' -f $m.Text.Length, ($m.Text -ceq ('0123456789😀ab' * 65536)) }");
        ana.WaitFor("^917504 True$");
    }

    [Fact]
    public void A_text_cannot_steer_the_terminal()
    {
        using ConsoleProcess ana = ConsoleProcess.AtPrompt("ana", out int port);
        using ConsoleProcess bob = ConsoleProcess.AtPrompt("bob", out _);
        bob.Type($"conn 127.0.0.1 {port}");
        bob.WaitFor("^Now connected to ana$");
        bob.Type($"Send-ChatMessage ana ([string]::new([char[]]({string.Join(',', HostileText.Text.Select(static c => (int)c))})))");
        ana.WaitFor($"^bob: {HostileText.Mark}.*$");
        ana.Type("inbox; \"$(Get-ChatInbox)\"; 'shown'");
        ana.WaitFor($"^bob: {HostileText.Mark}.*end.*$");
        ana.WaitFor("^shown$");
        Assert.Null(HostileText.Complaint(ana.Transcript));

        // What a script writes itself passes one gate all the same.
        ana.Type("foreach ($m in Get-ChatInbox) { 'raw ' + $m.Text }; 'end'");
        ana.WaitFor($"^raw {HostileText.Mark}.*$");
        ana.WaitFor("^end$");
        Assert.DoesNotContain(ana.Transcript, static c => char.IsControl(c) && c != '\n');
    }

    [Fact]
    public void A_peer_that_left_gets_its_message_later()
    {
        using ConsoleProcess ana = ConsoleProcess.AtPrompt("ana", out int port);
        using ConsoleProcess bob = ConsoleProcess.AtPrompt("bob", out _);
        bob.Type($"conn 127.0.0.1 {port}");
        bob.WaitFor("^Now connected to ana$");
        ana.WaitFor("^Now connected to bob$");
        bob.Type("exit");
        Assert.Equal(0, bob.WaitForExit());

        ana.Type("while ((Get-ChatPeer bob).State -ne 'Offline') { [Threading.Thread]::Sleep(10) }");
        ana.Type("send bob are you there?");
        ana.WaitFor(@"^You're not connected to bob: the message waits and goes out later\.$");
    }
}
