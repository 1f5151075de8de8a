using System.Management.Automation;

namespace PSSecureChat.ModuleTests;

public sealed class WaitTests
{
    [Fact]
    public void An_answer_that_came_before_the_wait_is_found_also_when_it_was_read()
    {
        using Session session = Session.StartConversation();
        session.Run("""
            $question = Send-ChatMessage alice 'tea?' -WaitFor Delivered
            $null = Send-ChatMessage bob 'by the way' -Server $alice -WaitFor Delivered
            $null = Send-ChatMessage bob 'yes' -InReplyTo (Get-ChatInbox -Server $alice) -Server $alice -WaitFor Delivered
            $null = Get-ChatInbox
            """);

        Assert.Equal(["output: yes"], session.Run("(Wait-ChatMessage -InReplyTo $question -TimeoutSec 30).Text").Lines);
    }

    [Fact]
    public void An_answer_that_comes_later_ends_the_wait_and_the_next_wait_gets_the_next_one()
    {
        using Session session = Session.StartConversation();
        session.Run("$question = Send-ChatMessage alice 'tea?' -WaitFor Delivered; $asked = Get-ChatInbox -Server $alice");
        using Session other = Session.Start();
        other.Runspace.SessionStateProxy.SetVariable("alice", session.Runspace.SessionStateProxy.GetVariable("alice"));
        other.Runspace.SessionStateProxy.SetVariable("asked", session.Runspace.SessionStateProxy.GetVariable("asked"));
        using PowerShell waiting = session.Shell("""
            do { $answer = $question | Wait-ChatMessage -TimeoutSec 30; $answer.Text } until ($answer.Text -eq 'yes')
            """);
        using PSDataCollection<PSObject> output = [];
        IAsyncResult running = waiting.BeginInvoke<PSObject, PSObject>(null, output);
        Assert.Empty(other.Run("'let me think', 'yes' | Send-ChatMessage bob -InReplyTo $asked.Id -Server $alice").Lines);

        Assert.True(running.AsyncWaitHandle.WaitOne(Session.Limit));
        waiting.EndInvoke(running);
        Assert.Equal(["let me think", "yes"], output.Select(static line => line.ToString()));
    }

    [Fact]
    public void Nobody_else_can_answer_unless_named()
    {
        using Session session = Session.StartConversation();
        session.Run("""
            $carol = Start-ChatServer 127.0.0.1 0 carol -Ephemeral -AcceptFrom Anyone
            $null = Connect-ChatPeer $bob.Endpoint -Server $carol
            $question = Send-ChatMessage alice 'open the door?' -WaitFor Delivered -Server $bob
            $null = Send-ChatMessage bob 'yes' -InReplyTo $question.Id -Server $carol -WaitFor Delivered
            """);

        Transcript wait = session.Run("Wait-ChatMessage $question -TimeoutSec 0 -Server $bob; $?");
        Assert.Equal("TimedOut", wait.Error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal("No answer came from alice within 0 s at the server 'bob'.", wait.Error.Exception.Message);
        Assert.Equal(["output: carol"], session.Run("(Wait-ChatMessage $question.Id -From c* -TimeoutSec 30 -Server $bob).From").Lines);
    }

    [Theory]
    [InlineData("[pscustomobject]@{ Id = $question.Id; Server = 'bob'; Text = 'a copy' }")]
    [InlineData("[pscustomobject]@{ Id = \"$($question.Id)\" }")]
    [InlineData("[System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($question))")]
    public void The_copy_of_a_question_stands_for_it(string copy)
    {
        using Session session = Session.StartConversation();
        session.Run("""
            $question = Send-ChatMessage alice 'tea?' -WaitFor Delivered
            $null = Send-ChatMessage bob 'by the way' -Server $alice -WaitFor Delivered
            """);

        Assert.Equal("TimedOut", session.Run($"{copy} | Wait-ChatMessage -TimeoutSec 0").Error.FullyQualifiedErrorId.Split(',')[0]);
        session.Run("$null = Send-ChatMessage bob 'yes' -InReplyTo (Get-ChatInbox -Server $alice) -Server $alice -WaitFor Delivered");
        Assert.Equal(["output: yes"], session.Run($"({copy} | Wait-ChatMessage -TimeoutSec 30).Text").Lines);
    }

    [Theory]
    [InlineData("[pscustomobject]@{ Server = 'bob'; Name = 'alice' } | Wait-ChatMessage -TimeoutSec 0", "What came from the pipeline is none of what this command takes: messages, peers and servers.")]
    [InlineData("[pscustomobject]@{ Server = 'bob'; Name = 'alice' } | Receive-ChatMessage", "What came from the pipeline is none of what this command takes: peers and servers.")]
    [InlineData("$question | Receive-ChatMessage", "What came from the pipeline is none of what this command takes: peers and servers.")]
    public void What_has_a_server_and_says_of_nobody_whom_is_meant_does_not_mean_everyone(string script, string error)
    {
        using Session session = Session.StartConversation();
        session.Run("""
            $question = Send-ChatMessage alice 'tea?' -WaitFor Delivered
            $null = Send-ChatMessage bob 'by the way' -Server $alice -WaitFor Delivered
            """);

        Transcript run = session.Run(script);
        Assert.Equal((1, error), (run.Lines.Count, run.Error.Exception.Message));
        Assert.Equal(["output: by the way"], session.Run("[pscustomobject]@{ Server = 'bob' } | Receive-ChatMessage alice -Peek | ForEach-Object Text").Lines);
        Assert.Equal(["output: 1"], session.Run("(Get-ChatPeer alice).Unread").Lines);
    }

    [Fact]
    public void Without_a_question_it_takes_the_oldest_unread_message()
    {
        using Session session = Session.StartConversation();
        session.Run("$null = 'one', 'two' | Send-ChatMessage alice -WaitFor Delivered");

        Assert.Equal(["output: one"], session.Run("Wait-ChatMessage -From bob -Server $alice | ForEach-Object Text").Lines);
        Assert.Equal(["output: two"], session.Run("Wait-ChatMessage -Server $alice | ForEach-Object Text").Lines);
        Assert.Equal("No message came from b* within 0.05 s at the server 'alice'.", session.Run("Wait-ChatMessage -From b* -Server $alice -TimeoutSec 0.05").Error.Exception.Message);
    }

    [Theory]
    [InlineData("$question = Send-ChatMessage ghost 'restart?' -PassThru -ErrorAction Ignore; Wait-ChatMessage $question")]
    [InlineData("Wait-ChatMessage -InReplyTo $null")]
    [InlineData("$null | Wait-ChatMessage")]
    public void What_anybody_says_is_no_answer_to_a_question_that_was_not_sent(string script)
    {
        using Session session = Session.StartConversation();
        session.Run("$null = Send-ChatMessage bob yes -Server alice -WaitFor Delivered");

        Transcript wait = session.Run(script);

        Assert.Empty(wait.Output);
        Assert.Equal("ParameterArgumentValidationError", wait.Errors[^1].FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal(["output: 1"], session.Run("(Get-ChatPeer alice).Unread").Lines);
    }

    [Fact]
    public void What_cannot_be_waited_for_is_an_error_at_once()
    {
        using Session session = Session.StartConversation();

        Assert.Equal("MessageUnknown", session.Run("Wait-ChatMessage ([guid]::NewGuid())").Error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal("MessageUnknown", session.Run("$sent = Send-ChatMessage bob hi -Server alice -PassThru; $sent | Wait-ChatMessage -Server bob").Error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal("PeerUnknown", session.Run("Wait-ChatMessage -From nobody").Error.FullyQualifiedErrorId.Split(',')[0]);
    }
}
