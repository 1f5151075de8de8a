# What the suites share: dot-source it in BeforeAll.

$Manifest = "$PSScriptRoot/../../PSSecureChat.psd1"

function Start-Conversation {
    # Two servers of this session in conversation; bob dialled and is the newest, so the default.
    $script:alice = Start-ChatServer 127.0.0.1 0 alice -Ephemeral -AcceptFrom Anyone
    $script:bob = Start-ChatServer 127.0.0.1 0 bob -Ephemeral -AcceptFrom Anyone
    $null = Connect-ChatPeer $alice.Endpoint
    Wait-Until { (Get-ChatPeer bob* -Server $alice).State -eq 'Online' }
}

function Stop-Conversation {
    Get-ChatServer | Stop-ChatServer
}

function Wait-Until([scriptblock] $Condition, [double] $Seconds = 30) {
    $end = [datetime]::UtcNow.AddSeconds($Seconds)
    while (-not (& $Condition)) {
        if ([datetime]::UtcNow -gt $end) { throw "Not within $Seconds s: $Condition" }
        [System.Threading.Thread]::Yield() | Out-Null
    }
}

function Get-CompletionText([string] $Line) {
    (TabExpansion2 -inputScript $Line -cursorColumn $Line.Length).CompletionMatches.CompletionText
}

function Get-ErrorOf([scriptblock] $Script) {
    # The error a script ends with under -ErrorAction Stop; it must say what to do next unless PowerShell itself made it.
    $ErrorActionPreference = 'Stop'
    try { $null = & $Script } catch { return $_ }
    throw "There was no error: $Script"
}

function Assert-Error([scriptblock] $Script, [string] $Id) {
    $failure = Get-ErrorOf $Script
    $failure.FullyQualifiedErrorId | Should -BeLike "$Id,*"
    $failure.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
}

function Get-Passphrase([string] $Text = 'correct horse') {
    ConvertTo-SecureString $Text -AsPlainText -Force
}
