<#
.SYNOPSIS
Two people talk: each starts a server, each types the other's address, and both find the conversation in their inbox.
.DESCRIPTION
Both live in this one session, so that it can be tried on one machine; between two machines each runs their half, and the
addresses are real ones. The servers are ephemeral: nothing is left on the disk. Runs in pwsh and in the console of this
repository, which has only the language and this module.
#>
param()
$ErrorActionPreference = 'Stop'
if (-not (Get-Module PSSecureChat)) { Import-Module "$PSScriptRoot/../PSSecureChat.psd1" }

$ana = Start-ChatServer -Address 127.0.0.1 -Port 0 -Name ana -Ephemeral
$bob = Start-ChatServer -Address 127.0.0.1 -Port 0 -Name bob -Ephemeral
try {
    "ana listens on $($ana.Endpoint), bob on $($bob.Endpoint)"

    # A stranger who calls is not let in before we call back: so each connects to the other.
    $null = Connect-ChatPeer $bob.Address $bob.Port -Server $ana
    $null = Connect-ChatPeer $ana.Address $ana.Port -Server $bob

    # -WaitFor Delivered: go on when the other side has stored the message, not when it was merely handed to the network.
    $conversation = @(
        @{ Server = $ana; To = 'bob'; Message = 'Hello Bob 👋' }
        @{ Server = $bob; To = 'ana'; Message = 'Hi Ana! How is life over there?' }
        @{ Server = $ana; To = 'bob'; Message = 'Splendid. Only we two can read this 😀' }
        @{ Server = $bob; To = 'ana'; Message = "Two lines?`nNo problem." }
        @{ Server = $ana; To = 'bob'; Message = 'שלום and 你好, too' }
    )
    foreach ($message in $conversation) {
        $null = Send-ChatMessage @message -WaitFor Delivered -TimeoutSec 30
    }

    foreach ($peer in Get-ChatPeer -Server $ana) { "ana sees $($peer.Name): $($peer.State), fingerprint $($peer.Fingerprint)" }

    foreach ($server in $bob, $ana) {
        ''
        "The inbox of $($server.Name):"
        foreach ($message in Get-ChatInbox -Server $server) { "  $message" } # as text a message is safe to show: control characters become visible
    }
}
finally {
    Stop-ChatServer -Server $ana
    Stop-ChatServer -Server $bob
}
