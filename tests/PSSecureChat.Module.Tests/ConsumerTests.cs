using System.Management.Automation;

namespace PSSecureChat.ModuleTests;

public sealed class ConsumerTests
{
    [Fact]
    public void Two_consumers_each_get_every_message_once_whatever_was_read()
    {
        using Session session = Session.StartConversation();
        session.Run("$null = 1..3 | Send-ChatMessage alice -WaitFor Delivered");

        Assert.Equal(["output: 1", "output: 2", "output: 3"], session.Run("Receive-ChatMessage -Consumer log -Server $alice | ForEach-Object Text").Lines);
        Assert.Equal(["output: 1", "output: 2", "output: 3"], session.Run("Receive-ChatMessage -Consumer tickets -Server $alice | ForEach-Object Text").Lines);
        Assert.Empty(session.Run("Receive-ChatMessage -Consumer LOG -Server $alice").Lines);
        Assert.Equal(["output: 0"], session.Run("(Get-ChatPeer bob -Server $alice).Unread").Lines);

        session.Run("$null = 4..5 | Send-ChatMessage alice -WaitFor Delivered; $null = Get-ChatInbox -Server $alice");
        Assert.Equal(["output: 4", "output: 5"], session.Run("Receive-ChatMessage -Consumer log -Server $alice | ForEach-Object Text").Lines);
        Assert.Equal(["output: log alice 0", "output: tickets alice 2"], session.Run("Get-ChatConsumer -Server $alice | ForEach-Object { \"$_ $($_.Server) $($_.Waiting)\" }").Lines);
    }

    [Fact]
    public void A_message_comes_again_until_the_pipeline_has_taken_it()
    {
        using Session session = Session.StartConversation();
        session.Run("$null = 1..4 | Send-ChatMessage alice -WaitFor Delivered");

        Assert.Equal("no", session.Run("Receive-ChatMessage -Consumer bot -Server $alice | ForEach-Object { if ($_.Text -eq '2') { throw 'no' } }").Error.FullyQualifiedErrorId);
        Assert.Equal(["output: 2", "output: 3"], session.Run("Receive-ChatMessage -Consumer bot -Server $alice | ForEach-Object { $_.Text; if ($_.Text -eq '3') { break } }").Lines);
        Assert.Equal(["output: 4"], session.Run("Receive-ChatMessage -Consumer bot -Server $alice -Peek | ForEach-Object Text").Lines);
        Assert.Equal(["output: 4"], session.Run("Receive-ChatMessage -Consumer bot -Server $alice | ForEach-Object Text").Lines);
    }

    [Theory]
    [InlineData("$ErrorActionPreference = 'Stop'; $null = 1 / 0")]
    [InlineData("Get-Command nobody-knows -ErrorAction Stop")]
    [InlineData("$ErrorActionPreference = 'Stop'; Get-Command nobody-knows")]
    [InlineData("$ErrorActionPreference = 'Stop'; nobody-knows")]
    [InlineData("$ErrorActionPreference = 'Stop'; $null = [int] 'x'")]
    [InlineData("$ErrorActionPreference = 'Stop'; Get-Command -NoSuchParameter")]
    [InlineData("$ErrorActionPreference = 'Stop'; [System.IO.File]::ReadAllText('/nowhere/at/all')")]
    [InlineData("Send-ChatMessage nobody text -ErrorAction Stop")]
    [InlineData("try { Get-Command nobody-knows -ErrorAction Stop } catch { throw }")]
    [InlineData("& { process { Get-Command nobody-knows -ErrorAction Stop } }")]
    public void A_message_comes_again_after_whatever_failed_behind_the_pipe(string failing)
    {
        using Session session = Session.StartConversation();
        session.Run("$null = 1..3 | Send-ChatMessage alice -WaitFor Delivered; 1..300 | ForEach-Object { try { throw $_ } catch { } }"); // $Error is full

        foreach (string wait in new[] { "", "-Wait" })
        {
            foreach (string surroundings in new[] { "{0}", "try {{ {0} }} catch {{ }}", "& {{ trap {{ break }} {0} }}" })
            {
                string receiving = $"Receive-ChatMessage -Consumer bot -Server $alice {wait} -TimeoutSec 30 | ForEach-Object {{ if ($_.Text -eq '2') {{ {failing} }} }}";
                session.Run(string.Format(System.Globalization.CultureInfo.InvariantCulture, surroundings, receiving));
                Assert.Equal(["output: 2", "output: 3"], session.Run("Receive-ChatMessage -Consumer bot -Server $alice -Peek | ForEach-Object Text").Lines);
            }
        }
    }

    [Fact]
    public void A_message_comes_again_when_the_command_that_handles_it_is_stopped()
    {
        using Session session = Session.StartConversation();
        session.Run("$null = 1..3 | Send-ChatMessage alice -WaitFor Delivered; $question = Send-ChatMessage bob question -Server $alice -PassThru");
        for (int i = 0; i < 20; i++)
        {
            using PowerShell shell = session.Shell("Receive-ChatMessage -Consumer bot -Server $alice | ForEach-Object { if ($_.Text -eq '2') { 'begun'; Wait-ChatMessage $question -Server $alice } }");
            using PSDataCollection<PSObject> output = [];
            using ManualResetEventSlim begun = new();
            output.DataAdded += (_, _) => begun.Set();
            shell.BeginInvoke<PSObject, PSObject>(null, output);
            Assert.True(begun.Wait(Session.Limit, TestContext.Current.CancellationToken));
            shell.Stop();
            Assert.Equal(["output: 2", "output: 3"], session.Run("Receive-ChatMessage -Consumer bot -Server $alice -Peek | ForEach-Object Text").Lines);
        }
    }

    [Fact]
    public void A_consumer_takes_no_buffer()
    {
        using Session session = Session.StartConversation();
        Assert.Equal("ConsumerTakesNoBuffer", session.Run("Receive-ChatMessage -Consumer bot -OutBuffer 3 -Server $alice").Error.FullyQualifiedErrorId.Split(',')[0]);
    }

    [Fact]
    public void A_new_consumer_begins_with_the_oldest_unread_message_or_where_others_began()
    {
        using Session session = Session.StartConversation();
        session.Run("$null = 1..3 | Send-ChatMessage alice -WaitFor Delivered; $null = Get-ChatInbox -Server $alice | ForEach-Object { break }");

        Assert.Equal(["output: 2", "output: 3"], session.Run("Receive-ChatMessage -Consumer bot -Peek -Server $alice | ForEach-Object Text").Lines);
        Assert.Empty(session.Run("Get-ChatConsumer -Server $alice").Lines);
        Assert.Equal(["output: 2", "output: 3"], session.Run("Receive-ChatMessage -Consumer bot -Server $alice | ForEach-Object Text").Lines);
        Assert.Empty(session.Run("Receive-ChatMessage -Server $alice").Lines);
        Assert.Equal(["output: 2", "output: 3"], session.Run("Receive-ChatMessage -Consumer other -Server $alice | ForEach-Object Text").Lines);
        session.Run("Remove-ChatConsumer * -Server $alice");
        Assert.Empty(session.Run("Receive-ChatMessage -Consumer third -Server $alice").Lines);
    }

    [Fact]
    public void One_command_at_a_time_receives_under_a_name()
    {
        using Session session = Session.StartConversation();
        session.Run("$null = Send-ChatMessage alice hello -WaitFor Delivered");

        Transcript inner = session.Run("""
            Receive-ChatMessage -Consumer bot -Server $alice | ForEach-Object {
                $_.Text
                Receive-ChatMessage -Consumer Bot -Server $alice
                Remove-ChatConsumer bot -Server $alice
                (Get-ChatConsumer bot -Server $alice).InUse
            }
            """);
        Assert.Equal(["ConsumerInUse", "ConsumerInUse"], inner.Errors.Select(static error => error.FullyQualifiedErrorId.Split(',')[0]));
        Assert.Equal(["output: False"], session.Run("(Get-ChatConsumer bot -Server $alice).InUse").Lines);
    }

    [Fact]
    public void A_consumer_that_was_stopped_in_its_wait_frees_its_name_and_keeps_its_place()
    {
        using Session session = Session.StartConversation();
        session.Run("$null = Send-ChatMessage alice hello -WaitFor Delivered");
        using System.Management.Automation.PowerShell shell = session.Shell("Receive-ChatMessage -Consumer bot -Wait -Server $alice");
        using System.Management.Automation.PSDataCollection<System.Management.Automation.PSObject> output = [];
        using ManualResetEventSlim received = new();
        output.DataAdded += (_, _) => received.Set();
        IAsyncResult running = shell.BeginInvoke<System.Management.Automation.PSObject, System.Management.Automation.PSObject>(null, output);
        Assert.True(received.Wait(Session.Limit, TestContext.Current.CancellationToken));
        shell.Stop();
        Assert.Throws<System.Management.Automation.PipelineStoppedException>(() => shell.EndInvoke(running));

        Assert.Empty(session.Run("Receive-ChatMessage -Consumer bot -Server $alice").Lines);
    }

    [Fact]
    public void Messages_of_others_are_passed_over()
    {
        using Session session = Session.StartConversation();
        session.Run("""
            $carol = Start-ChatServer 127.0.0.1 0 carol -Ephemeral -AcceptFrom Anyone
            $null = Connect-ChatPeer $alice.Endpoint -Server $carol
            $null = Send-ChatMessage alice 'of bob' -Server $bob -WaitFor Delivered
            $null = Send-ChatMessage alice 'of carol' -Server $carol -WaitFor Delivered
            """);

        Assert.Equal(["output: of bob"], session.Run("Receive-ChatMessage bob -Consumer bot -Server $alice | ForEach-Object Text").Lines);
        Assert.Equal(["output: 0"], session.Run("(Get-ChatConsumer bot -Server $alice).Waiting").Lines);
        Assert.Equal("PeerUnknown", session.Run("Receive-ChatMessage nobody -Consumer bot -Server $alice").Error.FullyQualifiedErrorId.Split(',')[0]);
    }

    [Fact]
    public void A_consumer_is_removed_and_begins_anew()
    {
        using Session session = Session.StartConversation();
        session.Run("$null = Send-ChatMessage alice hello -WaitFor Delivered; $null = Receive-ChatMessage -Consumer bot -Server $alice");

        Assert.Empty(session.Run("Get-ChatConsumer -Server $alice | Remove-ChatConsumer -WhatIf").Lines);
        Assert.Equal(["output: bot"], session.Run("$alice | Get-ChatConsumer").Lines);
        Assert.Empty(session.Run("Get-ChatConsumer b* -Server $alice | Remove-ChatConsumer").Lines);
        Assert.Empty(session.Run("Get-ChatConsumer -Server $alice").Lines);
        session.Run("$null = Send-ChatMessage alice again -WaitFor Delivered");
        Assert.Equal(["output: again"], session.Run("Receive-ChatMessage -Consumer bot -Server $alice | ForEach-Object Text").Lines);
        Assert.Equal("ConsumerUnknown", session.Run("Remove-ChatConsumer ghost").Error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal("ConsumerUnknown", session.Run("Get-ChatConsumer ghost").Error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal("NameNotUsable", session.Run("Receive-ChatMessage -Consumer 'a/b'").Error.FullyQualifiedErrorId.Split(',')[0]);
    }
}
