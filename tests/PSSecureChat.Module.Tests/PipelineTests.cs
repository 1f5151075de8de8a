using System.Management.Automation;

namespace PSSecureChat.ModuleTests;

/// <summary>Lines people type without looking anything up.</summary>
public sealed class PipelineTests
{
    [Theory]
    [InlineData("Get-ChatPeer a* | Block-ChatPeer")]
    [InlineData("Send-ChatMessage alice hi")]
    [InlineData("Get-ChatHistory | Remove-ChatMessage")]
    [InlineData("Get-ChatPeer | Remove-ChatPeer")]
    [InlineData("Disconnect-ChatPeer alice")]
    [InlineData("Stop-ChatServer")]
    [InlineData("Connect-ChatPeer 127.0.0.1 1")]
    [InlineData("New-ChatInvitation")]
    [InlineData("Start-ChatServer 127.0.0.1 0 carol -Ephemeral")]
    public void WhatIf_changes_nothing_and_emits_nothing(string script)
    {
        using Session session = Session.StartConversation();
        session.Run("$null = Send-ChatMessage alice before -WaitFor Delivered");
        const string all = "(Get-ChatServer | ForEach-Object { \"$_ $($_.State)\" }), (Get-ChatPeer | ForEach-Object { \"$_ $($_.State)\" }), (Get-ChatHistory | ForEach-Object { \"$_\" }) | ForEach-Object { \"$_\" }";
        IReadOnlyList<string> before = session.Run(all).Lines;

        Assert.Empty(session.Run(script + " -WhatIf").Output);

        Assert.Equal(before, session.Run(all).Lines);
    }

    [Fact]
    public void Actions_pass_on_what_they_acted_on()
    {
        using Session session = Session.StartConversation();

        Assert.Equal(["output: Blocked"], session.Run("Get-ChatPeer a* | Block-ChatPeer -PassThru | ForEach-Object State").Lines);
        Assert.Equal(["output: alice False"], session.Run("'alice' | Unblock-ChatPeer -PassThru | ForEach-Object { \"$_ $($_.State -eq 'Blocked')\" }").Lines); // she is dialled at once
        Assert.Equal(["output: bob Stopped"], session.Run("Get-ChatServer bob | Stop-ChatServer -PassThru | ForEach-Object { \"$($_.Name) $($_.State)\" }").Lines);
    }

    [Fact]
    public void Without_PassThru_actions_are_silent()
    {
        using Session session = Session.StartConversation();

        Assert.Empty(session.Run("Block-ChatPeer alice; Unblock-ChatPeer alice; Disconnect-ChatPeer alice; Stop-ChatServer bob").Lines);
    }

    [Fact]
    public void A_message_names_whom_to_answer()
    {
        using Session session = Session.StartConversation();
        session.Run("$null = Send-ChatMessage bob 'all well?' -Server alice -WaitFor Delivered");

        Transcript answer = session.Run("Get-ChatInbox -Unread | ForEach-Object { Send-ChatMessage $_.Peer yes -InReplyTo $_ -WaitFor Delivered } | ForEach-Object { \"$($_.To) $($null -ne $_.InReplyTo)\" }");

        Assert.Equal(["output: alice True"], answer.Lines);
    }

    [Fact]
    public void Objects_with_an_address_and_a_port_connect()
    {
        using Session session = Session.StartConversation();
        session.Run("$carol = Start-ChatServer 127.0.0.1 0 carol -Ephemeral -AcceptFrom Anyone");

        Transcript connect = session.Run("[pscustomobject]@{ ComputerName = '127.0.0.1'; Port = \"$($carol.Port)\" } | Connect-ChatPeer -Server bob | ForEach-Object Name");

        Assert.Equal(["output: carol"], connect.Lines);
    }

    // They all take the server of a piped object: not to take its peer would mean everybody's.
    [Theory]
    [InlineData("Receive-ChatMessage | ForEach-Object Text", "of alice")]
    [InlineData("Wait-ChatMessage -TimeoutSec 30 | ForEach-Object Text", "of alice")]
    [InlineData("Get-ChatTransfer | ForEach-Object Peer", "alice")]
    [InlineData("Receive-ChatFile -Destination ([IO.Path]::GetTempPath()) | ForEach-Object Peer")]
    [InlineData("Register-ChatEvent MessageReceived -SourceIdentifier Mail; $ExecutionContext.Events.Subscribers[0].SourceObject.From", "alice")]
    public void A_peer_from_the_pipeline_is_the_one_that_is_meant(string command, params string[] output)
    {
        using Session session = Session.StartConversation();
        session.Run("""
            $carol = Start-ChatServer 127.0.0.1 0 carol -Ephemeral -AcceptFrom Anyone
            $null = Connect-ChatPeer $bob.Endpoint -Server $carol
            $null = Send-ChatMessage bob 'of carol' -Server carol -WaitFor Delivered
            $null = Send-ChatMessage bob 'of alice' -Server alice -WaitFor Delivered
            $null = Send-ChatFile bob $Manifest -Server carol
            $null = Send-ChatFile alice $Manifest -Server bob
            """);
        session.Until("@(Get-ChatTransfer -Server bob -State Offered).Count -eq 2");

        Assert.Equal([.. output.Select(static line => $"output: {line}")], session.Run($"Get-ChatPeer alice -Server bob | {command}").Lines);
    }
}
